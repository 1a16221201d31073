import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { driftOf, inWords } from '../support/drifting.ts'
import { migratedGuest, projectNames } from '../support/guests.ts'
import { migrated } from '../support/migrate.ts'
import { ops } from '../support/program.ts'
import { journalProject, type TestMigration, writeJournal } from '../support/project.ts'
import { identity } from '../support/reverting.ts'
import { majors } from '../support/shared-servers.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY, name text DEFAULT $$a$$)' }
const posts = {
  name: '0001_posts',
  sql: 'CREATE TABLE posts (id int PRIMARY KEY REFERENCES users); CREATE INDEX posts_idx ON posts (id)',
}
const live = ['--only', 'database,history']

async function applied(migrations: readonly TestMigration[], config: Record<string, unknown> = {}) {
  const database = await freshDatabase()
  const project = journalProject(migrations, config)
  await migrated(project, database)
  return { database, project, here: { cwd: project.root, env: { DATABASE_URL: database.url } } }
}

describe.each(majors())('on PostgreSQL %i', major => {
  it.each(projectNames)('finds none in %s as its migrations leave it', async name => {
    const { here } = await migratedGuest(name, major)
    const { code, document } = await driftOf(here, '--fail-on', 'unknown')
    expect(document.comparisons).toEqual(
      ['code', 'database', 'history'].map(each => ({ name: each, status: 'none', reason: null, hint: null })),
    )
    expect([code, document.status, document.differences]).toEqual([0, 'none', []])
  })
})

it('tells what the database lacks, what it should not hold, and what is otherwise', async () => {
  const { database, here } = await applied([users, posts])
  await database.sql.unsafe(
    'DROP INDEX posts_idx; ALTER TABLE users ALTER name DROP DEFAULT; CREATE VIEW v AS SELECT name FROM users',
  )
  const { code, document } = await driftOf(here, ...live)
  expect(code).toBe(4)
  expect(document).toEqual({
    schemaVersion: 1,
    database: { ...identity(database), source: 'DATABASE_URL' },
    status: 'drift',
    comparisons: [
      {
        name: 'database',
        status: 'drift',
        reason: null,
        hint: 'Run the SQL (what is not expected it drops, with its rows), or write what was done by hand into a migration: drizzle-ops generate --custom.',
      },
      { name: 'history', status: 'none', reason: null, hint: null },
    ],
    scratch: 'temporary',
    differences: [
      {
        comparison: 'database',
        kind: 'view',
        object: 'public.v',
        property: null,
        expected: null,
        found: 'SELECT name\n   FROM public.users',
        along: [],
        sql: 'DROP VIEW "public"."v";',
      },
      {
        comparison: 'database',
        kind: 'column',
        object: 'public.users.name',
        property: 'default',
        expected: "'a'::text",
        found: null,
        along: [],
        sql: `ALTER TABLE "public"."users" ALTER COLUMN "name" SET DEFAULT 'a'::text;`,
      },
      {
        comparison: 'database',
        kind: 'index',
        object: 'public.posts_idx',
        property: null,
        expected: 'CREATE INDEX posts_idx ON public.posts USING btree (id)',
        found: null,
        along: [],
        sql: 'CREATE INDEX posts_idx ON public.posts USING btree (id);',
      },
    ],
    ignored: 0,
    unusedIgnores: [],
    failOn: 'drift',
  })
})

it('tells people, with a script that can be pasted', async () => {
  const { database, here } = await applied([users, posts])
  await database.sql.unsafe(
    'DROP TABLE posts; CREATE TABLE "Extra" (id int); ALTER TABLE users ALTER name DROP DEFAULT',
  )
  const { stdout } = await ops(['drift', ...live], here)
  expect(stdout).toBe(`in        kind    object             property  expected    found
database  table   public."Extra"                           table (id)
database  column  public.users.name  default   'a'::text
database  table   public.posts                 table (id)
-- table public."Extra": not expected
DROP TABLE "public"."Extra";
-- column public.users.name: default
ALTER TABLE "public"."users" ALTER COLUMN "name" SET DEFAULT 'a'::text;
-- table public.posts: missing
CREATE TABLE "public"."posts" (
  "id" integer NOT NULL
);
ALTER TABLE "public"."posts" ADD CONSTRAINT "posts_pkey" PRIMARY KEY (id);
ALTER TABLE "public"."posts" ADD CONSTRAINT "posts_id_fkey" FOREIGN KEY (id) REFERENCES public.users(id);
CREATE INDEX posts_idx ON public.posts USING btree (id);
drift   migrations and live database
  → Run the SQL (what is not expected it drops, with its rows), or write what was done by hand into a migration: drizzle-ops generate --custom.
none    migration files and history
`)
  await database.sql.unsafe(stdout.slice(stdout.indexOf('--'), stdout.indexOf('drift   ')))
  expect((await driftOf(here, ...live)).document.status).toBe('none')
})

it('tells what goes along with something', async () => {
  const { database, here } = await applied([
    users,
    { name: '0001_view', sql: 'CREATE VIEW names AS SELECT name FROM users' },
  ])
  await database.sql.unsafe('DROP TABLE users CASCADE')
  const { document } = await driftOf(here, ...live)
  expect(document.differences).toMatchObject([{ object: 'public.users', along: ['view public.names'] }])
})

it('passes over what ops.drift.ignore names, and tells of entries that match nothing', async () => {
  const drift = { ignore: ['table:public.tmp_*', 'index:public.posts_idx', 'view:public.gone'] }
  const { database, here, project } = await applied([users, posts])
  await writeOps(project.root, drift)
  await database.sql.unsafe(
    'CREATE TABLE tmp_a (id serial PRIMARY KEY); CREATE TABLE tmp_b (id int); DROP INDEX posts_idx; CREATE TABLE tmpc (id int)',
  )
  const { document } = await driftOf(here)
  expect(document.differences.map(inWords)).toEqual(['table public.tmpc'])
  expect([document.ignored, document.unusedIgnores]).toEqual([3, []])
  const { stdout } = await ops(['drift', ...live], here)
  expect(stdout).toContain('3 passed over by ops.drift.ignore.\n')
})

it('refuses an entry of ops.drift.ignore that names no kind', async () => {
  const { here, project } = await applied([users])
  await writeOps(project.root, { ignore: ['tabel:public.x'] })
  const { code, document } = await driftOf(here, ...live)
  expect([code, document.error]).toMatchObject([
    2,
    {
      code: 'ops-invalid',
      message: `ops.drift.ignore of ${project.root}/drizzle.config.mjs holds "tabel:public.x", which names no kind of object.`,
    },
  ])
  expect(document.error?.hint).toContain(
    'Write kind:name, such as table:public.tmp_*. Did you mean table? The kinds are schema,',
  )
})

it('tells what is wrong between history and files, but not what is only pending', async () => {
  const database = await freshDatabase()
  const project = journalProject([users, posts])
  const here = { cwd: project.root, env: { DATABASE_URL: database.url } }
  await migrated(project, database)
  writeJournal(project, [
    { name: '0000_users', sql: `${users.sql};` },
    posts,
    { name: '0002_next', sql: 'CREATE TABLE next (id int)' },
  ])
  const { code, document } = await driftOf(here, ...live)
  expect(code).toBe(4)
  expect(document.differences).toEqual([
    {
      comparison: 'history',
      kind: 'migration',
      object: '0000_users',
      property: 'edited',
      expected: 'the file as it was applied',
      found: 'a file that was changed since',
      along: [],
      sql: null,
    },
  ])
  expect(document.comparisons[1]).toEqual({
    name: 'history',
    status: 'drift',
    reason: null,
    hint: 'drizzle-ops status says how each is mended.',
  })
})

it('does not know what a migration made whose file is gone', async () => {
  const { database, project, here } = await applied([users, posts])
  writeJournal(project, [users])
  const { document } = await driftOf(here, ...live)
  expect([document.status, ...document.comparisons.map(({ status }) => status)]).toEqual([
    'drift',
    'unknown',
    'drift',
  ])
  expect(document.comparisons[0]?.reason).toBe('The file of row 2 is gone, so what it made is unknown.')
  expect(database.name).not.toBe('')
})

it('knows a database before its first migration', async () => {
  const database = await freshDatabase()
  const { root } = journalProject([users])
  const { code, document } = await driftOf({ cwd: root, env: { DATABASE_URL: database.url } }, ...live)
  expect([code, document.status]).toEqual([0, 'none'])
  expect(await database.sql`SELECT FROM pg_namespace WHERE nspname = 'drizzle'`).toEqual([])
})

it('needs no database for the code alone, and says which comparisons there are', async () => {
  const { root } = journalProject([users])
  const { code, document } = await driftOf({ cwd: root }, '--only', 'code')
  expect([code, document.status, 'database' in document]).toEqual([0, 'unknown', false])
  const wrong = await ops(['drift', '--only', 'files'], { cwd: root })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('The comparisons are code, database, history.')
})

it('compares what roles may do where it is asked to', async () => {
  const { database, here } = await applied([
    users,
    { name: '0001_grant', sql: 'GRANT SELECT ON users TO pg_monitor' },
  ])
  await database.sql.unsafe('REVOKE SELECT ON users FROM pg_monitor; GRANT DELETE ON users TO PUBLIC')
  expect((await driftOf(here, ...live)).document.status).toBe('none')
  const { document } = await driftOf(here, ...live, '--grants')
  expect(document.differences.map(each => [inWords(each), each.sql])).toEqual([
    ['privilege public.users to PUBLIC', 'REVOKE DELETE ON public.users FROM PUBLIC;'],
    ['privilege public.users to pg_monitor', 'GRANT SELECT ON public.users TO pg_monitor;'],
  ])
})

/** A config that can hold an ops export. */
async function writeOps(root: string, drift: object): Promise<void> {
  const { rmSync, writeFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  rmSync(join(root, 'drizzle.config.json'))
  writeFileSync(
    join(root, 'drizzle.config.mjs'),
    `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = ${JSON.stringify({ drift })}\n`,
  )
}
