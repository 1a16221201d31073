/** One change of a schema, as two modules; both drizzle-kits make migrations of them. */
export interface Change {
  readonly before: string
  readonly after: string
  /** In place of what drizzle-kit 0.31 asks about, or writes so that it fails. */
  readonly sql?: readonly string[]
  /** In place of what drizzle-kit 1.0 asks about. */
  readonly hints?: readonly object[]
  /** Where the other drizzle-kit cannot make this change at all. */
  readonly only?: '0.x' | '1.0'
  /** The PostgreSQL that the schema needs. */
  readonly since?: number
  /** Columns of a table change places: the way back needs --allow column-order. */
  readonly displaces?: true
}

const users = (columns = '', extra = '') => tableOf('users', `name: text()`, columns, extra)
const posts = (columns = '', extra = '') => tableOf('posts', `userId: integer('user_id')`, columns, extra)
const mood = (...values: string[]) => `export const mood = pgEnum('mood', ${JSON.stringify(values)})\n`
const usersView = `export const v = pgView('v').as(q => q.select().from(users))\n`

function tableOf(name: string, own: string, columns: string, extra: string): string {
  const all = ['id: integer().primaryKey()', own, columns].filter(text => text !== '').join(', ')
  return `export const ${name} = pgTable('${name}', { ${all} }${extra && `, t => [${extra}]`})\n`
}

const renamedColumn = {
  type: 'rename',
  kind: 'column',
  from: ['public', 'users', 'name'],
  to: ['public', 'users', 'label'],
}
const everyIndex = `uniqueIndex('low').on(sql\`lower(\${t.name})\`).where(sql\`\${t.id} > 3\`), index('hashed').using('hash', t.name), index('nulls').on(t.id.desc().nullsLast(), t.name.asc()), index('ops').on(t.name.op('text_pattern_ops')), index('filled').on(t.id).with({ fillfactor: 70 })`
const foreign = (action: string) =>
  `foreignKey({ columns: [t.userId], foreignColumns: [users.id], name: 'posts_fk' })${action}`
const pair = (extra = '', column = 'integer().notNull()') =>
  `export const m = pgTable('m', { a: ${column}, b: ${column} }${extra && `, t => [${extra}]`})\n`

export const changes: Readonly<Record<string, Change>> = {
  'a table': { before: users(), after: users() + posts() },
  'a table with all that a table can have': {
    before: users(),
    after: `${users()}${mood('a', 'b')}export const posts = pgTable('posts', { id: serial().primaryKey(), userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }), title: varchar({ length: 20 }).default('x').notNull(), mood: mood().default('a'), at: timestamp({ withTimezone: true }).defaultNow() }, t => [index('posts_title').on(t.title), unique('posts_uq').on(t.userId, t.title), check('posts_ck', sql\`\${t.id} > 0\`), pgPolicy('p', { for: 'select', using: sql\`true\` })])\n`,
  },
  'a table that goes': {
    before:
      users() +
      posts('', `index('posts_user').on(t.userId), unique('posts_uq').on(t.userId, t.id), ${foreign('')}`),
    after: users(),
  },
  'tables that refer to each other': {
    before: users(),
    after: `${users()}export const a = pgTable('a', { id: integer().primaryKey(), b: integer().references(() => b.id) })\nexport const b = pgTable('b', { id: integer().primaryKey(), a: integer().references(() => a.id) })\n`,
  },
  'a table that an older one refers to': {
    before: posts(),
    after: users() + posts('', foreign('')),
  },
  'a table in place of another': {
    before: users() + posts('', `index('shared').on(t.userId)`),
    after: `${users()}export const notes = pgTable('notes', { id: integer(), userId: integer() }, t => [index('shared').on(t.userId)])\n`,
    sql: [
      'DROP TABLE "posts" CASCADE;',
      'CREATE TABLE "notes" ("id" integer, "userId" integer);',
      'CREATE INDEX "shared" ON "notes" USING btree ("userId");',
    ],
    hints: [{ type: 'create', kind: 'table', entity: ['public', 'notes'] }],
  },
  'a table under another name': {
    before: users('', `index('users_name').on(t.name)`) + posts('', foreign('')),
    after: `export const users = pgTable('people', { id: integer().primaryKey(), name: text() }, t => [index('users_name').on(t.name)])\n${posts('', foreign(''))}`,
    sql: [
      'ALTER TABLE "users" RENAME TO "people";',
      'ALTER TABLE "posts" DROP CONSTRAINT "posts_fk";',
      'ALTER TABLE "posts" ADD CONSTRAINT "posts_fk" FOREIGN KEY ("user_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;',
    ],
    hints: [{ type: 'rename', kind: 'table', from: ['public', 'users'], to: ['public', 'people'] }],
  },
  'a table and its column under other names': {
    before: users('', `unique('users_uq').on(t.name)`),
    after: `export const users = pgTable('people', { id: integer().primaryKey(), label: text() }, t => [unique('users_uq').on(t.label)])\n`,
    sql: ['ALTER TABLE "users" RENAME TO "people";', 'ALTER TABLE "people" RENAME COLUMN "name" TO "label";'],
    hints: [
      { type: 'rename', kind: 'table', from: ['public', 'users'], to: ['public', 'people'] },
      {
        type: 'rename',
        kind: 'column',
        from: ['public', 'people', 'name'],
        to: ['public', 'people', 'label'],
      },
    ],
  },
  'a table in another schema': {
    before: `export const s = pgSchema('s')\n${users()}`,
    after: `export const s = pgSchema('s')\nexport const users = s.table('users', { id: integer().primaryKey(), name: text() })\n`,
    sql: ['ALTER TABLE "public"."users" SET SCHEMA "s";\n'],
    hints: [{ type: 'rename', kind: 'table', from: ['public', 'users'], to: ['s', 'users'] }],
  },

  'a column': { before: users(), after: users('age: integer()') },
  'columns with defaults': {
    before: users(),
    after: users('age: integer().notNull().default(1), tags: text().array()'),
  },
  'the last column, which goes': { before: users('age: integer().notNull().default(3)'), after: users() },
  'a column between others, which goes': {
    before: users('age: integer(), mail: text()'),
    after: users('mail: text()'),
    displaces: true,
  },
  'a column in place of another': {
    before: users('age: integer()'),
    after: users('born: date()'),
    sql: ['ALTER TABLE "users" ADD COLUMN "born" date;', 'ALTER TABLE "users" DROP COLUMN "age";'],
    hints: [{ type: 'create', kind: 'column', entity: ['public', 'users', 'born'] }],
  },
  'a column under another name': {
    before: users('', `index('users_name').on(t.name), check('users_ck', sql\`\${t.name} <> ''\`)`),
    after: `export const users = pgTable('users', { id: integer().primaryKey(), label: text() }, t => [index('users_name').on(t.label), check('users_ck', sql\`\${t.label} <> ''\`)])\n`,
    sql: ['ALTER TABLE "users" RENAME COLUMN "name" TO "label";'],
    hints: [renamedColumn],
  },
  'a column with an index and a unique constraint': {
    before: users(),
    after: users('mail: text().unique()', `index('users_mail').on(t.mail)`),
  },
  'a column with an index and a unique constraint, which goes': {
    before: users('mail: text().unique()', `index('users_mail').on(t.mail)`),
    after: users(),
  },
  'a column with a foreign key': {
    before: users() + posts(),
    after: users() + posts('editor: integer().references(() => users.id)'),
  },
  'a column with a foreign key, which goes': {
    before: users() + posts('editor: integer().references(() => users.id)'),
    after: users() + posts(),
  },
  'a column in a composite key, which goes': {
    before: `export const m = pgTable('m', { a: integer().notNull(), b: integer().notNull() }, t => [primaryKey({ columns: [t.a, t.b], name: 'k' })])\n`,
    after: `export const m = pgTable('m', { a: integer().notNull() })\n`,
    sql: ['ALTER TABLE "m" DROP CONSTRAINT "k";', 'ALTER TABLE "m" DROP COLUMN "b";'],
  },
  'a generated column': { before: users(), after: users('up: text().generatedAlwaysAs(sql`upper(name)`)') },
  'a generated column, which goes': {
    before: users('up: text().generatedAlwaysAs(sql`upper(name)`)'),
    after: users(),
  },
  'a generated column of another expression': {
    before: users('up: text().generatedAlwaysAs(sql`upper(name)`)'),
    after: users('up: text().generatedAlwaysAs(sql`lower(name)`)'),
  },

  'an index': { before: users(), after: users('', `index('users_name').on(t.name)`) },
  'an index, which goes': { before: users('', `index('users_name').on(t.name)`), after: users() },
  'an index in another order': {
    before: users('', `index('users_name').on(t.name)`),
    after: users('', `index('users_name').on(t.name.desc())`),
  },
  'indexes of every kind': { before: users(), after: users('', everyIndex) },
  'indexes of every kind, which go': { before: users('', everyIndex), after: users() },
  'an index made concurrently': {
    before: users(),
    after: users('', `index('users_name').on(t.name).concurrently()`),
  },
  'an index made concurrently, which goes': {
    before: users('', `index('users_name').on(t.name).concurrently()`),
    after: users(),
  },

  "an index in one's own words": {
    before: users(),
    after: users('', `index('users_name').on(t.name)`),
    sql: ['-- without a lock\ncreate index concurrently if not exists users_name\n  on Public.users (name)'],
  },

  'a unique constraint': { before: users(), after: users('', `unique('users_uq').on(t.name)`) },
  'a unique constraint, which goes': { before: users('', `unique('users_uq').on(t.name)`), after: users() },
  'a unique constraint on nulls, which goes': {
    since: 15,
    before: users('', `unique('users_uq').on(t.name).nullsNotDistinct()`),
    after: users(),
  },
  'a unique constraint on more': {
    before: users('', `unique('users_uq').on(t.name)`),
    after: users('', `unique('users_uq').on(t.name, t.id)`),
  },
  'a unique constraint and what refers to it': {
    before: users() + posts('name: text()'),
    after:
      users('', `unique('users_uq').on(t.name)`) +
      posts(
        'name: text()',
        `foreignKey({ columns: [t.name], foreignColumns: [users.name], name: 'posts_fk' })`,
      ),
    sql: [
      'ALTER TABLE "users" ADD CONSTRAINT "users_uq" UNIQUE("name");',
      'ALTER TABLE "posts" ADD CONSTRAINT "posts_fk" FOREIGN KEY ("name") REFERENCES "public"."users"("name") ON DELETE no action ON UPDATE no action;',
    ],
  },
  'a unique constraint and what refers to it, which go': {
    before:
      users('', `unique('users_uq').on(t.name)`) +
      posts(
        'name: text()',
        `foreignKey({ columns: [t.name], foreignColumns: [users.name], name: 'posts_fk' })`,
      ),
    after: users() + posts('name: text()'),
    sql: [
      'ALTER TABLE "posts" DROP CONSTRAINT "posts_fk";',
      'ALTER TABLE "users" DROP CONSTRAINT "users_uq";',
    ],
  },

  'a foreign key': {
    before: users() + posts(),
    after: users() + posts('', foreign(`.onDelete('cascade').onUpdate('set null')`)),
  },
  'a foreign key as drizzle-kit wrote it before 0.31': {
    before: users() + posts(),
    after: users() + posts('', foreign('')),
    sql: [
      'DO $$ BEGIN\n ALTER TABLE "posts" ADD CONSTRAINT "posts_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$;\n',
    ],
  },
  'a foreign key, which goes': {
    before: users() + posts('', foreign(`.onDelete('cascade').onUpdate('set null')`)),
    after: users() + posts(),
  },
  'a foreign key that acts otherwise': {
    before: users() + posts('', foreign(`.onDelete('cascade')`)),
    after: users() + posts('', foreign(`.onDelete('set null')`)),
  },

  'an enum': { before: users(), after: users() + mood('a', 'b') },
  'an enum with its column': { before: users(), after: mood('a', 'b') + users(`mood: mood().default('a')`) },
  'an enum, which goes with its column': {
    before: mood('a', 'b') + users(`mood: mood().default('a')`),
    after: users(),
  },
  'a value of an enum': {
    before:
      mood('a', 'b') +
      users(`mood: mood().default('a'), moods: mood().array()`, `index('users_mood').on(t.mood)`),
    after:
      mood('a', 'b', 'c') +
      users(`mood: mood().default('a'), moods: mood().array()`, `index('users_mood').on(t.mood)`),
  },
  'a value in the middle of an enum': {
    before: mood('a', 'b') + users('mood: mood()'),
    after: mood('a', 'x', 'b') + users('mood: mood()'),
  },
  'a value of an enum whose arrays have a default': {
    before: mood('a', 'b') + users(`moods: mood().array().notNull().default(['a'])`),
    after: mood('a', 'b', 'c') + users(`moods: mood().array().notNull().default(['a'])`),
  },
  'a value of an enum that an index speaks of': {
    before:
      mood('a', 'b') + users('mood: mood()', `index('users_mood').on(t.mood).where(sql\`\${t.mood} = 'a'\`)`),
    after:
      mood('a', 'b', 'c') +
      users('mood: mood()', `index('users_mood').on(t.mood).where(sql\`\${t.mood} = 'a'\`)`),
  },
  'a value of an enum that a check and a policy speak of': {
    before:
      mood('a', 'b') +
      users(
        'mood: mood()',
        `check('ck', sql\`\${t.mood} <> 'b'\`), pgPolicy('p', { using: sql\`mood = 'a'\` })`,
      ),
    after:
      mood('a', 'b', 'c') +
      users(
        'mood: mood()',
        `check('ck', sql\`\${t.mood} <> 'b'\`), pgPolicy('p', { using: sql\`mood = 'a'\` })`,
      ),
  },
  'a value of an enum that views show': {
    before: `${mood('a', 'b')}${users('mood: mood()')}export const b = pgView('b').as(q => q.select().from(users))\nexport const a = pgMaterializedView('a').as(q => q.select().from(b))\n`,
    after: `${mood('a', 'b', 'c')}${users('mood: mood()')}export const b = pgView('b').as(q => q.select().from(users))\nexport const a = pgMaterializedView('a').as(q => q.select().from(b))\n`,
    sql: [`ALTER TYPE "public"."mood" ADD VALUE 'c';`],
  },
  'a value of an enum, and another column of it': {
    before: mood('a', 'b') + users(`moods: mood().array().notNull().default(['a'])`),
    after: mood('a', 'b', 'c') + users('mood: mood()'),
    sql: [
      `ALTER TYPE "public"."mood" ADD VALUE 'c';`,
      'ALTER TABLE "users" ADD COLUMN "mood" "mood";',
      'ALTER TABLE "users" DROP COLUMN "moods";',
    ],
    hints: [{ type: 'create', kind: 'column', entity: ['public', 'users', 'mood'] }],
  },
  'a value of an enum, which goes': {
    before: mood('a', 'b', 'c') + users(`mood: mood().default('a')`),
    after: mood('a', 'b') + users(`mood: mood().default('a')`),
  },
  'a value of an enum in a schema': {
    before: `export const s = pgSchema('s')\nexport const mood = s.enum('mood', ['a'])\nexport const t = s.table('t', { id: integer(), mood: mood().default('a') })\n`,
    after: `export const s = pgSchema('s')\nexport const mood = s.enum('mood', ['a', 'b'])\nexport const t = s.table('t', { id: integer(), mood: mood().default('a') })\n`,
  },
  'an enum under another name': {
    before: mood('a') + users('mood: mood()'),
    after: `export const mood = pgEnum('temper', ['a'])\n${users('mood: mood()')}`,
    sql: ['ALTER TYPE "public"."mood" RENAME TO "temper";'],
    hints: [{ type: 'rename', kind: 'enum', from: ['public', 'mood'], to: ['public', 'temper'] }],
  },
  'an enum in place of another': {
    before: mood('a') + users('m: mood()'),
    after: `export const temper = pgEnum('temper', ['a', 'b'])\n${users('m: temper()')}`,
    sql: [
      `CREATE TYPE "public"."temper" AS ENUM('a', 'b');`,
      'ALTER TABLE "users" ALTER COLUMN "m" SET DATA TYPE "public"."temper" USING "m"::text::"public"."temper";',
      'DROP TYPE "public"."mood";',
    ],
    hints: [{ type: 'create', kind: 'enum', entity: ['public', 'temper'] }],
    only: '0.x',
  },
  'text that becomes an enum': {
    before: mood('a') + users(`m: text().default('a')`),
    after: mood('a') + users(`m: mood().default('a')`),
  },

  'a check': { before: users(), after: users('', `check('users_ck', sql\`\${t.id} > 0\`)`) },
  'a check, which goes': { before: users('', `check('users_ck', sql\`\${t.id} > 0\`)`), after: users() },
  'a check of something else': {
    before: users('', `check('users_ck', sql\`\${t.id} > 0\`)`),
    after: users('', `check('users_ck', sql\`\${t.id} > 1\`)`),
  },

  'a default': { before: users('n: integer()'), after: users('n: integer().default(5)') },
  'a default, which goes': { before: users('n: integer().default(5)'), after: users('n: integer()') },
  'another default': { before: users(`n: text().default("it's")`), after: users(`n: text().default('x')`) },
  'NOT NULL': { before: users(`n: integer().default(0)`), after: users(`n: integer().default(0).notNull()`) },
  'NOT NULL, which goes': { before: users('n: integer().notNull()'), after: users('n: integer()') },

  'a type together with NOT NULL and a default of 0': {
    before: users('n: integer().default(0).notNull()'),
    after: users('n: varchar({ length: 20 })'),
  },
  'an identity in place of what draws from a sequence': {
    before: `export const q = pgSequence('q')\n${users(`n: integer().default(sql\`nextval('q')\`)`)}`,
    after: users('n: integer().generatedAlwaysAsIdentity()'),
    sql: [
      'ALTER TABLE "users" ALTER COLUMN "n" DROP DEFAULT;',
      'ALTER TABLE "users" ALTER COLUMN "n" SET NOT NULL;',
      'ALTER TABLE "users" ALTER COLUMN "n" ADD GENERATED ALWAYS AS IDENTITY (sequence name "users_n_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1);',
      'DROP SEQUENCE "public"."q";',
    ],
  },
  'a wider type': {
    before: users('n: integer().default(1)'),
    after: users('n: bigint({ mode: "number" }).default(1)'),
  },
  'a narrower type': { before: users('n: bigint({ mode: "number" })'), after: users('n: integer()') },
  'a longer varchar': {
    before: users('n: varchar({ length: 10 })'),
    after: users('n: varchar({ length: 20 })'),
  },
  'a number that becomes text, with its default': {
    before: users('n: integer().default(1)'),
    after: users(`n: text().default('1')`),
  },
  'text that becomes a number': {
    before: users('n: text()'),
    after: users('n: integer()'),
    sql: ['ALTER TABLE "users" ALTER COLUMN "n" SET DATA TYPE integer USING "n"::integer;'],
  },
  'a type that an index, a check and a view speak of': {
    before:
      users('n: integer()', `index('i').on(t.n).where(sql\`\${t.n} > 0\`), check('ck', sql\`\${t.n} < 9\`)`) +
      usersView,
    after:
      users(
        'n: bigint({ mode: "number" })',
        `index('i').on(t.n).where(sql\`\${t.n} > 0\`), check('ck', sql\`\${t.n} < 9\`)`,
      ) + usersView,
    sql: [
      'DROP VIEW "v";',
      'ALTER TABLE "users" ALTER COLUMN "n" SET DATA TYPE bigint;',
      'CREATE VIEW "public"."v" AS (select "id", "name", "n" from "users");',
    ],
    only: '0.x',
  },
  'a timestamp that gets a time zone': {
    before: users('n: timestamp().defaultNow()'),
    after: users('n: timestamp({ withTimezone: true }).defaultNow()'),
  },
  'json that becomes jsonb': { before: users('n: json()'), after: users('n: jsonb()') },
  'a numeric of less precision': {
    before: users('n: numeric({ precision: 10, scale: 4 })'),
    after: users('n: numeric({ precision: 8, scale: 2 })'),
  },
  'an integer that becomes serial': {
    before: users('n: integer().notNull()'),
    after: users('n: serial()'),
    only: '1.0',
  },

  'a view': { before: users(), after: users() + usersView },
  'a view, which goes': { before: users() + usersView, after: users() },
  'a view of other columns': {
    before: users() + usersView,
    after: `${users()}export const v = pgView('v').as(q => q.select({ id: users.id }).from(users))\n`,
  },
  'a view with other options': {
    since: 15,
    before: `${users()}export const v = pgView('v').with({ securityInvoker: true }).as(q => q.select().from(users))\n`,
    after: `${users()}export const v = pgView('v').with({ checkOption: 'local', securityBarrier: true }).as(q => q.select().from(users))\n`,
  },
  'a view and its column': { before: users() + usersView, after: users('age: integer()') + usersView },
  'a view and its table': {
    before: users(),
    after: `${users()}${posts()}export const v = pgView('v').as(q => q.select().from(posts))\n`,
  },
  'a view and its table, which go': {
    before: `${users()}${posts()}export const v = pgView('v').as(q => q.select().from(posts))\n`,
    after: users(),
  },
  'a view on a view': {
    before: users(),
    after: `${users()}export const a = pgView('a').as(q => q.select().from(users))\nexport const b = pgView('b').as(q => q.select().from(a))\n`,
  },
  'a view on a view, which go': {
    before: `${users()}export const a = pgView('a').as(q => q.select().from(users))\nexport const b = pgView('b').as(q => q.select().from(a))\n`,
    after: users(),
    sql: ['DROP VIEW "b";', 'DROP VIEW "a";'],
  },
  'a materialized view': {
    before: users(),
    after: `${users()}export const m = pgMaterializedView('m').as(q => q.select().from(users))\n`,
  },
  'a materialized view, which goes': {
    before: `${users()}export const m = pgMaterializedView('m').with({ fillfactor: 90 }).as(q => q.select().from(users))\n`,
    after: users(),
  },
  'a materialized view of other columns': {
    before: `${users()}export const m = pgMaterializedView('m').as(q => q.select().from(users))\n`,
    after: `${users()}export const m = pgMaterializedView('m').as(q => q.select({ id: users.id }).from(users))\n`,
  },

  'a sequence': {
    before: users(),
    after: `${users()}export const q = pgSequence('q', { startWith: 100, increment: 2, maxValue: 5000, minValue: 10, cache: 5, cycle: true })\n`,
  },
  'a sequence, which goes': {
    before: `${users()}export const q = pgSequence('q', { startWith: 100, increment: 2, maxValue: 5000, minValue: 10, cache: 5, cycle: true })\n`,
    after: users(),
  },
  'a sequence of other steps': {
    before: `${users()}export const q = pgSequence('q', { startWith: 100, increment: 2 })\n`,
    after: `${users()}export const q = pgSequence('q', { startWith: 100, increment: 5, maxValue: 5000 })\n`,
  },
  'a sequence under another name': {
    before: `${users()}export const q = pgSequence('q')\n`,
    after: `${users()}export const q = pgSequence('r')\n`,
    sql: ['ALTER SEQUENCE "public"."q" RENAME TO "r";'],
    hints: [{ type: 'rename', kind: 'sequence', from: ['public', 'q'], to: ['public', 'r'] }],
  },
  'a sequence and the column that draws from it': {
    before: users(),
    after: `export const q = pgSequence('q')\n${users(`n: integer().default(sql\`nextval('q')\`)`)}`,
  },
  'a sequence and the column that draws from it, which go': {
    before: `export const q = pgSequence('q')\n${users(`n: integer().default(sql\`nextval('q')\`)`)}`,
    after: users(),
  },

  'an identity': {
    before: users('n: integer().notNull()'),
    after: users('n: integer().generatedAlwaysAsIdentity({ startWith: 7 })'),
  },
  'an identity, which goes': {
    before: users('n: integer().generatedAlwaysAsIdentity({ startWith: 7 })'),
    after: users('n: integer().notNull()'),
  },
  'an identity of other steps': {
    before: users('n: integer().generatedAlwaysAsIdentity({ startWith: 7, increment: 3 })'),
    after: users('n: integer().generatedByDefaultAsIdentity({ increment: 2, maxValue: 1000 })'),
  },
  'an identity column': { before: users(), after: users('n: integer().generatedByDefaultAsIdentity()') },
  'an identity column, which goes': {
    before: users('n: integer().generatedByDefaultAsIdentity({ name: "own" })'),
    after: users(),
  },

  'a schema': {
    before: users(),
    after: `${users()}export const s = pgSchema('s')\nexport const e = s.enum('e', ['a'])\nexport const q = s.sequence('q')\nexport const t = s.table('t', { id: integer().primaryKey(), e: e() })\nexport const v = s.view('v').as(q => q.select().from(t))\n`,
  },
  'a schema, which goes': {
    before: `${users()}export const s = pgSchema('s')\nexport const t = s.table('t', { id: integer().primaryKey() })\n`,
    after: users(),
  },
  'a schema in place of another': {
    before: `${users()}export const s = pgSchema('s')\n`,
    after: `${users()}export const r = pgSchema('r')\n`,
    sql: ['CREATE SCHEMA "r";', 'DROP SCHEMA "s";'],
    hints: [{ type: 'create', kind: 'schema', entity: ['r'] }],
  },
  'a schema under another name': {
    before: `export const s = pgSchema('s')\nexport const e = s.enum('e', ['a'])\nexport const t = s.table('t', { id: integer().primaryKey(), e: e() })\n`,
    after: `export const s = pgSchema('r')\nexport const e = s.enum('e', ['a'])\nexport const t = s.table('t', { id: integer().primaryKey(), e: e() })\n`,
    sql: ['ALTER SCHEMA "s" RENAME TO "r";\n'],
    hints: [{ type: 'rename', kind: 'schema', from: ['s'], to: ['r'] }],
  },

  'a composite key': { before: pair(), after: pair('primaryKey({ columns: [t.a, t.b] })') },
  'a composite key, which goes': { before: pair('primaryKey({ columns: [t.a, t.b] })'), after: pair() },
  'a composite key on columns that might be null': {
    before: pair('', 'integer()'),
    after: pair('primaryKey({ columns: [t.a, t.b] })', 'integer()'),
  },
  'a composite key of more columns': {
    before: `export const m = pgTable('m', { a: integer().notNull(), b: integer().notNull(), c: integer().notNull() }, t => [primaryKey({ columns: [t.a, t.b], name: 'k' })])\n`,
    after: `export const m = pgTable('m', { a: integer().notNull(), b: integer().notNull(), c: integer().notNull() }, t => [primaryKey({ columns: [t.a, t.b, t.c], name: 'k' })])\n`,
  },
  'a primary key': {
    before: `export const m = pgTable('m', { a: integer().notNull() })\n`,
    after: `export const m = pgTable('m', { a: integer().primaryKey() })\n`,
  },
  'a primary key on a column that might be null': {
    before: `export const m = pgTable('m', { a: integer() })\n`,
    after: `export const m = pgTable('m', { a: integer().primaryKey() })\n`,
  },
  'a primary key, which goes': {
    before: `export const m = pgTable('m', { a: integer().primaryKey() })\n`,
    after: `export const m = pgTable('m', { a: integer().notNull() })\n`,
    sql: ['ALTER TABLE "m" DROP CONSTRAINT "m_pkey";'],
  },
  'a composite key in place of a primary key': {
    before: `export const m = pgTable('m', { a: integer().primaryKey(), b: integer().notNull() })\n`,
    after: pair('primaryKey({ columns: [t.a, t.b] })'),
    sql: [
      'ALTER TABLE "m" DROP CONSTRAINT "m_pkey";',
      'ALTER TABLE "m" ADD CONSTRAINT "m_a_b_pk" PRIMARY KEY("a","b");',
    ],
    hints: [],
  },

  'a policy': {
    before: users(),
    after: users('', `pgPolicy('p', { for: 'select', to: 'public', using: sql\`true\` })`),
  },
  'a policy, which goes': {
    before: users(
      '',
      `pgPolicy('p', { as: 'restrictive', for: 'update', to: 'current_user', using: sql\`id > 1\`, withCheck: sql\`id > 2\` })`,
    ),
    after: users(),
  },
  'a policy that checks more': {
    before: users('', `pgPolicy('p', { for: 'update', using: sql\`id > 1\` })`),
    after: users('', `pgPolicy('p', { for: 'update', using: sql\`id > 2\`, withCheck: sql\`true\` })`),
  },
  'a policy for other commands': {
    before: users('', `pgPolicy('p', { for: 'select', using: sql\`id > 1\` })`),
    after: users('', `pgPolicy('p', { for: 'update', using: sql\`id > 1\` })`),
  },
  'row level security': { before: users(), after: users().replace(')\n', ').enableRLS()\n') },
  'row level security, which goes': { before: users().replace(')\n', ').enableRLS()\n'), after: users() },
}

/** What is refused, and why. */
export const refusedChanges: Readonly<Record<string, Change & { readonly why: string }>> = {
  'a serial column that becomes an integer': {
    before: users('n: serial()'),
    after: users('n: integer().notNull()'),
    why: 'public.users.n would have to become serial again from integer, and drizzle-kit does not take its sequence along',
  },
  'a value of an enum that was the default': {
    before: mood('a', 'b', 'c') + users(`mood: mood().default('c')`),
    after: mood('a', 'b') + users(`mood: mood().default('a')`),
    why: `it brings an enum's value 'c' back and uses it at once, which PostgreSQL does not allow: ALTER TABLE "users" ALTER COLUMN "mood" SET DEFAULT 'c';`,
    only: '0.x',
  },
  'a trigger beside a table': {
    before: users(),
    after: users() + posts(),
    sql: [
      'CREATE TABLE "posts" ("id" integer PRIMARY KEY NOT NULL, "user_id" integer);',
      'CREATE TRIGGER touched BEFORE UPDATE ON "posts" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();',
    ],
    why: 'line 2 was added by hand, and the snapshots know nothing of it: CREATE TRIGGER touched BEFORE UPDATE ON "posts" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();',
  },
  'an index that only the file has': {
    before: users(),
    after: users('age: integer()'),
    sql: ['ALTER TABLE "users" ADD COLUMN "age" integer;', 'CREATE INDEX own ON users (age);'],
    why: 'line 2 was added by hand, and the snapshots know nothing of it: CREATE INDEX own ON users (age);',
  },
  'two things in one statement, one of them by hand': {
    before: users(),
    after: users('age: integer()'),
    sql: ['ALTER TABLE "users" ADD COLUMN "age" integer, ADD COLUMN own numeric(1, 2);'],
    why: 'line 1 was added by hand, and the snapshots know nothing of it: ALTER TABLE "users" ADD COLUMN "age" integer, ADD COLUMN own numeric(1, 2);',
  },
  'an enum under another label': {
    before: mood('a', 'b') + users('mood: mood()'),
    after: mood('a', 'c') + users('mood: mood()'),
    sql: [`ALTER TYPE "public"."mood" RENAME VALUE 'b' TO 'c';`],
    why: `line 1 was added by hand, and the snapshots know nothing of it: ALTER TYPE "public"."mood" RENAME VALUE 'b' TO 'c';`,
  },
}
