import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { type Generation, stockRows } from '../support/drizzle.ts'
import { failure, told } from '../support/failures.ts'
import { generatedProjects, migrationNames, type Step } from '../support/generated.ts'
import { migrated, status } from '../support/migrate.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestProject, write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { answered } from '../support/terminal.ts'

const users = `export const users = pgTable('users', { id: serial().primaryKey(), name: text() })\n`
const all = `${users}
export const mood = pgEnum('mood', ['a'])
export const q = pgSequence('q')
export const v = pgView('v').as(q => q.select().from(users))
export const m = pgMaterializedView('m').as(q => q.select().from(users))
export const shop = pgSchema('shop')
export const items = shop.table('items', { id: integer().primaryKey(), user: integer().references(() => users.id), mood: mood() })
`
const steps: readonly Step[] = [
  { name: 'users', schema: users },
  { name: 'all', schema: all },
]

const generations: readonly Generation[] = ['0.x', '1.0']
const made = new Map<Generation, TestProject>()

beforeAll(async () => {
  for (const generation of generations) {
    const [project] = await generatedProjects(generation, [steps])
    made.set(generation, project as TestProject)
  }
})

const objects = [
  { kind: 'materialized view', object: 'public.m' },
  { kind: 'view', object: 'public.v' },
  { kind: 'table', object: 'public.users' },
  { kind: 'table', object: 'shop.items' },
  { kind: 'sequence', object: 'public.q' },
  { kind: 'type', object: 'public.mood' },
  { kind: 'schema', object: 'shop' },
  { kind: 'table', object: 'drizzle.__drizzle_migrations' },
  { kind: 'schema', object: 'drizzle' },
]

describe.each(generations)('reset of migrations by drizzle-kit %s', generation => {
  it.each(majors())('drops what they made and makes it again on PostgreSQL %i', async major => {
    const { project, database, names } = await applied(generation, major)
    const before = await database.dump()
    await database.sql`INSERT INTO users (name) VALUES ('x')`
    const outcome = await reset(project, database, '--on', database.name, '--yes')
    expect(outcome.stderr).toBe(names.map(name => `Applying ${name}\n`).join(''))
    const { dropped, applied: again, ...rest } = documentOf<{ dropped: object[]; applied: object[] }>(outcome)
    expect(dropped).toEqual(objects)
    expect(again).toMatchObject(names.map(name => ({ name, transaction: 'file' })))
    expect(rest).toEqual({ schemaVersion: 1, database: identity(database), dryRun: false, pending: [] })
    expect(await database.dump()).toBe(before)
    expect(await database.sql`SELECT * FROM users`).toEqual([])
    expect(await stockRows(database.sql)).toMatchObject([{ id: 1 }, { id: 2 }])
  })
})

describe('reset', () => {
  it('lists with --dry-run, and writes nothing', async () => {
    const { project, database } = await applied('0.x')
    const before = [await database.dump(), await stockRows(database.sql)]
    const { stdout, stderr, code } = await ops(['reset', '--dry-run', '--url', database.url], {
      cwd: project.root,
    })
    expect(stdout).toBe(
      [
        'would drop         name',
        ...objects.map(({ kind, object }) => `${kind.padEnd(17)}  ${object}`),
        'Nothing was dropped; 9 objects would be, and 2 migrations applied.',
        '',
      ].join('\n'),
    )
    expect([stderr, code]).toEqual(['', 0])
    expect([await database.dump(), await stockRows(database.sql)]).toEqual(before)
  })

  it('takes what was made by hand in those schemas along, and nothing of an extension or of another schema', async () => {
    const { project, database } = await applied('0.x')
    await database.sql.unsafe(`
      CREATE EXTENSION citext;
      CREATE TABLE by_hand (id int, name citext);
      CREATE TYPE pair AS (a int, b int);
      CREATE TYPE span AS RANGE (subtype = int);
      CREATE TABLE parted (id int GENERATED ALWAYS AS IDENTITY, at span) PARTITION BY HASH (id);
      CREATE TABLE part PARTITION OF parted FOR VALUES WITH (MODULUS 1, REMAINDER 0);
      CREATE STATISTICS counted ON id, at FROM part;
      CREATE COLLATION german (provider = icu, locale = 'de');
      CREATE DOMAIN positive AS int CHECK (value > 0);
      CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
      CREATE PROCEDURE nothing() LANGUAGE sql AS '';
      CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
      CREATE SCHEMA mine;
      CREATE TABLE mine.kept (id int, name citext)`)
    const { dropped } = documentOf<{ dropped: object[] }>(
      await reset(project, database, '--on', database.name, '--yes'),
    )
    expect(dropped).toEqual(
      expect.arrayContaining([
        { kind: 'table', object: 'public.by_hand' },
        { kind: 'type', object: 'public.pair' },
        { kind: 'type', object: 'public.positive' },
        { kind: 'type', object: 'public.span' },
        { kind: 'table', object: 'public.part' },
        { kind: 'collation', object: 'public.german' },
        { kind: 'function', object: 'public.twice(integer)' },
        { kind: 'procedure', object: 'public.nothing()' },
        { kind: 'aggregate', object: 'public.total(integer)' },
        { kind: 'function', object: 'public.touch()' },
      ]),
    )
    const left = await database.sql<{ name: string }[]>`
      SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND oid >= 16384 ORDER BY 1`
    expect(left.map(({ name }) => name)).toEqual([
      'drizzle.__drizzle_migrations',
      'mine.kept',
      'shop.items',
      'users',
    ])
    expect(await database.sql`SELECT 'A'::citext = 'a' AS same`).toEqual([{ same: true }])
  })

  it('refuses what others depend on, naming them, and drops nothing', async () => {
    const { project, database } = await applied('0.x')
    await database.sql.unsafe(`
      CREATE SCHEMA mine;
      CREATE VIEW mine.names AS SELECT name FROM users;
      CREATE TABLE mine.orders (id int, "user" int REFERENCES users, mood mood);
      CREATE FUNCTION mine.first(users) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
      CREATE PUBLICATION feed FOR TABLE users`)
    const before = await database.dump()
    const args = ['reset', '--on', database.name, '--yes', '--url', database.url]
    expect(await failure(args, { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'depended-on',
        message:
          'Nothing was dropped, for what the migrations made is needed outside of their schemas: function mine.first(public.users), publication relation public.users in publication feed, table mine.orders, view mine.names.',
        hint: 'Drop or detach those by hand first; drizzle-ops reset takes away only what the migrations own.',
        database: identity(database),
      }),
    )
    expect(await database.dump()).toBe(before)
  })

  it('refuses where an extension lives in a schema that the migrations make', async () => {
    const { project, database } = await applied('0.x')
    await database.sql`CREATE EXTENSION citext SCHEMA shop`
    const outcome = await reset(project, database, '--on', database.name, '--yes')
    expect(documentOf(outcome)).toMatchObject({
      error: {
        code: 'depended-on',
        message:
          'Nothing was dropped, for what the migrations made is needed outside of their schemas: extension citext.',
      },
    })
  })

  it('asks for the name of the database, also where --yes is given', async () => {
    const { project, database } = await applied('0.x')
    const before = await database.dump()
    const what = `This drops 9 objects of ${database.name} on ${hostOf(database)} with all their rows.`
    const missing = told({
      exit: 2,
      code: 'consent-missing',
      message: `${what} Nobody is at a terminal to type its name.`,
      hint: `Add --on ${database.name} --yes to agree beforehand.`,
      database: identity(database),
    })
    const here = { cwd: project.root }
    expect(await failure(['reset', '--yes', '--url', database.url], here)).toEqual(missing)
    expect(await failure(['reset', '--on', database.name, '--url', database.url], here)).toEqual(missing)
    expect(documentOf(await reset(project, database, '--on', 'other', '--yes'))).toMatchObject({
      error: {
        code: 'protected',
        message: `--on names other, and this is ${database.name} on ${hostOf(database)}.`,
      },
    })
    const wrong = await answered(['reset', '--json', '--yes', '--url', database.url], project.root, 'y')
    expect(documentOf(wrong)).toMatchObject({
      error: { code: 'declined', hint: `Type ${database.name} to go on.` },
    })
    expect([wrong.code, await database.dump()]).toEqual([2, before])

    const right = await answered(['reset', '--json', '--url', database.url], project.root, database.name)
    expect(right.stderr).toContain(`${what} Type the name of the database, ${database.name}, to go on:`)
    expect([right.code, await database.dump()]).toEqual([0, before])
  })

  it('works on an empty database', async () => {
    const database = await freshDatabase()
    const project = made.get('0.x') as TestProject
    const outcome = await reset(project, database, '--on', database.name, '--yes')
    expect(documentOf(outcome)).toMatchObject({ dropped: [], applied: [{}, {}] })
  })

  it('takes public for its own where no snapshot says what the migrations made, and goes by the table of the config', async () => {
    const database = await freshDatabase()
    const project = journalProject([{ name: '0000_users', sql: 'CREATE TABLE users (id int)' }], {
      migrations: { schema: 'public', table: 'Applied' },
    })
    await migrated(project, database)
    const { dropped } = documentOf<{ dropped: object[] }>(
      await reset(project, database, '--on', database.name, '--yes'),
    )
    expect(dropped).toEqual([
      { kind: 'table', object: 'public."Applied"' },
      { kind: 'table', object: 'public.users' },
    ])
    expect(await status(project, database)).toMatchObject({ upToDate: true })
  })

  it('drops nothing where the migrations could not run again', async () => {
    const { database } = await applied('0.x')
    const project = journalProject([
      { name: '0000_users', sql: 'CREATE TABLE users (id int)', when: 9_999_999_999_999 },
    ])
    const before = await database.dump()
    const outcome = await reset(project, database, '--on', database.name, '--yes')
    expect(documentOf(outcome)).toMatchObject({ error: { code: 'history' } })
    expect([outcome.code, await database.dump()]).toEqual([1, before])
  })

  it('says what it dropped where a migration fails after', async () => {
    const database = await freshDatabase()
    const project = journalProject([{ name: '0000_users', sql: 'CREATE TABLE users (id int)' }])
    await migrated(project, database)
    write(join(project.out, '0000_users.sql'), 'CREATE TABLE users (id nonsense)')
    const outcome = await reset(project, database, '--on', database.name, '--yes')
    expect(documentOf(outcome)).toMatchObject({
      error: { code: 'migration-failed' },
      dropped: [
        { object: 'public.users' },
        { object: 'drizzle.__drizzle_migrations' },
        { object: 'drizzle' },
      ],
      applied: [],
      pending: ['0000_users'],
    })
  })
})

function reset({ root }: TestProject, { url }: TestDatabase, ...flags: string[]) {
  return ops(['reset', '--json', '--url', url, ...flags], { cwd: root })
}

async function applied(generation: Generation, major?: TestDatabase['major']) {
  const database = await (major === undefined ? freshDatabase() : freshDatabase(major))
  const project = made.get(generation) as TestProject
  await migrated(project, database)
  return { database, project, names: migrationNames(project) }
}

function identity(database: TestDatabase): object {
  const { port, username } = new URL(database.url)
  return { name: database.name, host: hostOf(database), port: Number(port), user: username, source: '--url' }
}

function hostOf({ url }: TestDatabase): string {
  return new URL(url).hostname
}
