import type { Hazard } from '../../src/push/hazards.ts'

/** One change of a schema as it is pushed to a database that holds rows. */
export interface PushCase {
  /** The schema as the database has it, and as it is to be: bodies of modules. */
  readonly before: string
  readonly after: string
  /** SQL that runs before the push: rows, and objects that no schema describes. */
  readonly rows?: string
  readonly config?: { readonly schemaFilter?: readonly string[]; readonly tablesFilter?: readonly string[] }
  readonly renames?: readonly string[]
  readonly created?: readonly string[]
  /** What the statements are said to risk, all together. */
  readonly hazards: readonly Hazard[]
  /** What comes of it once all hazards are granted; `ok` unless given. */
  readonly outcome?: 'ok' | 'no_changes' | 'push-blocked' | 'needs-decision' | { readonly sqlstate: string }
  /** A piece of what is told, where it is blocked. */
  readonly told?: string
  /** Rows that are there at the end, by table. */
  readonly holds: Readonly<Record<string, number>>
  readonly leftAlone?: readonly string[]
}

const users = (columns = '', extra = '', name = 'text()') =>
  `export const users = pgTable('users', { id: integer().primaryKey(), name: ${name}${columns && `, ${columns}`} }${extra && `, t => [${extra}]`})\n`
const posts = (extra = '') =>
  `export const posts = pgTable('posts', { id: integer().primaryKey(), userId: integer('user_id') }${extra && `, t => [${extra}]`})\n`
const mood = (...values: string[]) => `export const mood = pgEnum('mood', ${JSON.stringify(values)})\n`
const userOf = (action: string) =>
  `foreignKey({ name: 'posts_fk', columns: [t.userId], foreignColumns: [users.id] })${action}`

const three = `INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c');`
const threeWith = (column: string, ...values: string[]) =>
  `${three} ${values.map((value, index) => `UPDATE users SET ${column} = ${value} WHERE id = ${index + 1};`).join(' ')}`
const twoPosts = 'INSERT INTO posts VALUES (1, 1), (2, 2);'

export const cases: Readonly<Record<string, PushCase>> = {
  'a new table': { before: users(), after: users() + posts(), rows: three, hazards: [], holds: { users: 3 } },
  'a new column': {
    before: users(),
    after: users('age: integer()'),
    rows: three,
    hazards: [],
    holds: { users: 3 },
  },
  'a new NOT NULL column with a default': {
    before: users(),
    after: users(`plan: text().default('free').notNull()`),
    rows: three,
    hazards: [],
    holds: { users: 3 },
  },
  'a new NOT NULL column without a default': {
    before: users() + posts(userOf('')),
    after: users('plan: text().notNull()') + posts(userOf('')),
    rows: three + twoPosts,
    hazards: ['may-lose-data', 'blocks-reads', 'scans-table'],
    outcome: 'push-blocked',
    told: 'users holds 3 rows, and there is nothing to put into plan',
    holds: { users: 3, posts: 2 },
  },
  'a new NOT NULL column of an empty table': {
    before: users(),
    after: users('plan: text().notNull()'),
    hazards: [],
    holds: { users: 0 },
  },
  'a new column with a random default': {
    before: users(),
    after: users('token: uuid().defaultRandom()'),
    rows: three,
    hazards: ['rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'a column with data dropped': {
    before: users('age: integer()'),
    after: users(),
    rows: threeWith('age', '1', '2'),
    hazards: ['deletes-data', 'drops-object', 'breaks-clients'],
    holds: { users: 3 },
  },
  'an empty column dropped': {
    before: users('age: integer()'),
    after: users(),
    rows: three,
    hazards: ['drops-object', 'breaks-clients'],
    holds: { users: 3 },
  },
  'a table that is no longer in the schema': {
    before: users() + posts(),
    after: users(),
    rows: three + twoPosts,
    hazards: [],
    outcome: 'no_changes',
    holds: { users: 3, posts: 2 },
    leftAlone: ['table public.posts'],
  },
  'a table dropped that a filter names': {
    before: users() + posts(userOf('')),
    after: users(),
    rows: three + twoPosts,
    config: { schemaFilter: ['public'] },
    hazards: ['deletes-data', 'drops-object', 'breaks-clients'],
    holds: { users: 3 },
  },
  'a column renamed': {
    before: users(),
    after: users().replace('name: ', `label: `),
    rows: three,
    renames: ['users.name:label'],
    hazards: ['breaks-clients'],
    holds: { users: 3 },
  },
  'a table renamed, and changed with it': {
    before: users('', `index('by_name').on(t.name)`),
    after: users('age: integer()', `index('by_name').on(t.name)`).replace(`'users'`, `'people'`),
    rows: three,
    config: { schemaFilter: ['public'] },
    renames: ['users:people'],
    hazards: ['breaks-clients'],
    holds: { people: 3 },
  },
  'what may be a rename': {
    before: users(),
    after: users().replace('name: ', `label: `),
    rows: three,
    hazards: [],
    outcome: 'needs-decision',
    told: 'column users.label is new, and users.name would go.',
    holds: { users: 3 },
  },
  'what is said to be no rename': {
    before: users(),
    after: users().replace('name: ', `label: `),
    rows: three,
    created: ['users.label'],
    hazards: ['deletes-data', 'drops-object', 'breaks-clients'],
    holds: { users: 3 },
  },
  'double precision to integer': {
    before: users('score: doublePrecision()'),
    after: users('score: integer()'),
    rows: threeWith('score', '1.6', '2.4', '3'),
    hazards: ['may-lose-data', 'rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'integer to bigint': {
    before: users('score: integer()'),
    after: users(`score: bigint({ mode: 'number' })`),
    rows: threeWith('score', '1', '2'),
    hazards: ['rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'a varchar made longer': {
    before: users('', '', 'varchar({ length: 20 })'),
    after: users('', '', 'varchar({ length: 50 })'),
    rows: three,
    hazards: [],
    holds: { users: 3 },
  },
  'a varchar made shorter': {
    before: users('', '', 'varchar({ length: 50 })'),
    after: users('', '', 'varchar({ length: 5 })'),
    rows: three,
    hazards: ['may-lose-data', 'rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'text to integer': {
    before: users('code: text()'),
    after: users('code: integer()'),
    rows: threeWith('code', `'1'`, `'2'`),
    hazards: ['may-lose-data', 'rewrites-table', 'blocks-reads', 'needs-using'],
    holds: { users: 3 },
  },
  'text that is no number to integer': {
    before: users('code: text()'),
    after: users('code: integer()'),
    rows: threeWith('code', `'one'`),
    hazards: ['may-lose-data', 'rewrites-table', 'blocks-reads', 'needs-using'],
    outcome: { sqlstate: '22P02' },
    holds: { users: 3 },
  },
  'timestamp to date': {
    before: users('at: timestamp()'),
    after: users('at: date()'),
    rows: threeWith('at', `'2026-01-01 10:00'`),
    hazards: ['may-lose-data', 'rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'NOT NULL where every row has a value': {
    before: users(),
    after: users('', '', 'text().notNull()'),
    rows: three,
    hazards: ['blocks-reads', 'scans-table'],
    holds: { users: 3 },
  },
  'NOT NULL where a row has none': {
    before: users(),
    after: users('', '', 'text().notNull()'),
    rows: threeWith('name', 'NULL'),
    hazards: ['may-lose-data', 'blocks-reads', 'scans-table'],
    outcome: 'push-blocked',
    told: '1 row of users holds no name: fill it first',
    holds: { users: 3 },
  },
  'a unique constraint': {
    before: users(),
    after: users('', `unique('users_name').on(t.name)`),
    rows: three,
    hazards: ['blocks-reads', 'scans-table'],
    holds: { users: 3 },
  },
  'a unique constraint over duplicates': {
    before: users(),
    after: users('', `unique('users_name').on(t.name)`),
    rows: threeWith('name', `'a'`, `'a'`),
    hazards: ['blocks-reads', 'scans-table'],
    outcome: { sqlstate: '23505' },
    holds: { users: 3 },
  },
  'an index': {
    before: users(),
    after: users('', `index('users_name').on(sql\`lower(\${t.name})\`)`),
    rows: three,
    hazards: ['blocks-writes', 'scans-table'],
    holds: { users: 3 },
  },
  'an index, concurrently, beside a column': {
    before: users(),
    after: users('age: integer()', `index('users_name').on(t.name).concurrently()`),
    rows: three,
    hazards: ['scans-table'],
    holds: { users: 3 },
  },
  'a check that reads otherwise': {
    before: users('', `check('positive', sql\`\${t.id} > 0\`)`),
    after: users('', `check('positive', sql\`\${t.id} < 100\`)`),
    rows: three,
    hazards: ['blocks-reads', 'scans-table'],
    holds: { users: 3 },
  },
  'a foreign key': {
    before: users() + posts(),
    after: users() + posts(userOf('')),
    rows: three + twoPosts,
    hazards: ['blocks-writes', 'scans-table'],
    holds: { users: 3, posts: 2 },
  },
  'another ON DELETE': {
    before: users() + posts(userOf('')),
    after: users() + posts(userOf(`.onDelete('cascade')`)),
    rows: three + twoPosts,
    hazards: ['blocks-writes', 'scans-table'],
    holds: { users: 3, posts: 2 },
  },
  'an enum value added and used as the default': {
    before: mood('a', 'b') + users('mood: mood()'),
    after: mood('a', 'b', 'c') + users(`mood: mood().default('c')`),
    rows: threeWith('mood', `'a'`),
    hazards: [],
    holds: { users: 3 },
  },
  'an enum value dropped that no row holds': {
    before: mood('a', 'b', 'c') + users('mood: mood()'),
    after: mood('a', 'b') + users('mood: mood()'),
    rows: threeWith('mood', `'a'`, `'b'`),
    hazards: ['may-lose-data', 'breaks-clients', 'rewrites-table', 'blocks-reads'],
    holds: { users: 3 },
  },
  'an enum value dropped that rows hold': {
    before: mood('a', 'b', 'c') + users('mood: mood()'),
    after: mood('a', 'b') + users('mood: mood()'),
    rows: threeWith('mood', `'a'`, `'c'`),
    hazards: ['may-lose-data', 'breaks-clients', 'rewrites-table', 'blocks-reads'],
    outcome: 'push-blocked',
    told: '1 row of users holds c in mood: change it first',
    holds: { users: 3 },
  },
  'a view that shows something else': {
    before: `${users('age: integer()')}export const v = pgView('v').as(q => q.select({ id: users.id }).from(users))\n`,
    after: `${users('age: integer()')}export const v = pgView('v').as(q => q.select({ age: users.age }).from(users))\n`,
    rows: three,
    hazards: [],
    holds: { users: 3, v: 3 },
  },
  'a part of the schema, and schemas of others': {
    before: users() + posts(),
    after: users('age: integer()'),
    rows: `${three} CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int); INSERT INTO billing.invoices VALUES (1); CREATE VIEW billing.names AS SELECT name FROM public.users; CREATE SEQUENCE tickets`,
    hazards: [],
    holds: { users: 3, posts: 0, 'billing.invoices': 1, 'billing.names': 3 },
    leftAlone: ['sequence public.tickets', 'table public.posts'],
  },
  'a partitioned table': {
    before: '',
    after: `export const events = pgTable('events', { id: integer().notNull(), at: date().notNull() })\n`,
    rows: `CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'); CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); INSERT INTO events VALUES (1, '2025-05-05'), (2, '2026-05-05')`,
    config: { schemaFilter: ['public'] },
    hazards: [],
    outcome: 'no_changes',
    holds: { events: 2, events_2025: 1 },
  },
  "an extension's view and tables": {
    before: users(),
    after: users(),
    rows: `${three} CREATE EXTENSION pg_stat_statements; CREATE EXTENSION hstore`,
    config: { schemaFilter: ['public'] },
    hazards: [],
    outcome: 'no_changes',
    holds: { users: 3 },
  },
  'a foreign table': {
    before: users(),
    after: users(),
    rows: `${three} CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE remote (id int) SERVER elsewhere`,
    config: { schemaFilter: ['public'] },
    hazards: [],
    outcome: 'no_changes',
    holds: { users: 3 },
  },
  'the history of drizzle and of drizzle-ops': {
    before: users(),
    after: users(),
    rows: `${three} CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint); INSERT INTO drizzle.__drizzle_migrations VALUES (1, 'x', 1); CREATE TABLE drizzle.drizzle_ops_progress (n int)`,
    config: { schemaFilter: ['public', 'drizzle'] },
    hazards: [],
    outcome: 'no_changes',
    holds: { users: 3, 'drizzle.__drizzle_migrations': 1, 'drizzle.drizzle_ops_progress': 0 },
  },
  'another primary key': {
    before: users('tenant: integer().notNull().default(1)'),
    after: `export const users = pgTable('users', { id: integer(), name: text(), tenant: integer().notNull().default(1) }, t => [primaryKey({ columns: [t.tenant, t.id] })])\n`,
    rows: three,
    hazards: ['drops-object', 'blocks-reads', 'scans-table'],
    holds: { users: 3 },
  },
}
