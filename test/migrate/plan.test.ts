import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { migrated } from '../support/migrate.ts'
import { lockNames, plan } from '../support/planning.ts'
import { foldersProject, journalProject, write, writeJournal } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'

const users = {
  name: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name text);\n--> statement-breakpoint\nINSERT INTO users SELECT i FROM generate_series(1, 1000) AS i;',
}
const THERE = { created: false, held: false }

it('says of every statement its place, its locks, what it rewrites and how large that is', async () => {
  const database = await freshDatabase()
  const project = journalProject([users])
  await migrated(project, database)
  await database.sql`VACUUM ANALYZE users`
  const [{ bytes = '' } = {}] = await database.sql`SELECT pg_total_relation_size('users') AS bytes`
  writeJournal(project, [
    users,
    {
      name: '0001_wider',
      sql: '-- größer 😀\nALTER TABLE users ALTER COLUMN id TYPE bigint;\n--> statement-breakpoint\n\n-- und länger\nALTER TABLE users ALTER COLUMN name SET NOT NULL;',
    },
  ])
  const size = { relation: 'public.users', bytes: Number(bytes), rows: 1000 }
  expect(await plan(project, database)).toEqual({
    files: [
      {
        name: '0001_wider',
        transaction: 'file',
        statements: [
          {
            n: 1,
            line: 2,
            sql: '-- größer 😀\nALTER TABLE users ALTER COLUMN id TYPE bigint;',
            locks: [
              { mode: 'AccessExclusiveLock', relation: 'public.users', kind: 'table', ...THERE },
              { mode: 'ShareLock', relation: 'public.users', kind: 'table', ...THERE },
              { mode: 'AccessExclusiveLock', relation: 'public.users_pkey', kind: 'index', ...THERE },
            ],
            rewrites: ['public.users'],
            scans: ['public.users'],
            tables: [size],
            notAnalysed: [],
          },
          {
            n: 2,
            line: 6,
            sql: '-- und länger\nALTER TABLE users ALTER COLUMN name SET NOT NULL;',
            locks: [
              {
                mode: 'AccessExclusiveLock',
                relation: 'public.users',
                kind: 'table',
                created: false,
                held: true,
              },
            ],
            rewrites: [],
            scans: ['public.users'],
            tables: [size],
            notAnalysed: [],
          },
        ],
      },
    ],
    findings: [],
    alreadyApplied: 1,
  })
})

it('marks the locks on what the run itself makes', async () => {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE teams (id int PRIMARY KEY)`
  const project = journalProject([
    { name: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY);' },
    { name: '0001_key', sql: 'ALTER TABLE users ADD FOREIGN KEY (id) REFERENCES teams;' },
  ])
  const { files } = await plan(project, database)
  const marked = files[1]?.statements[0]?.locks.map(lock => [`${lock.mode} ${lock.relation}`, lock.created])
  expect(marked).toEqual([
    ['ShareRowExclusiveLock public.teams', false],
    ['RowShareLock public.teams', false],
    ['AccessShareLock public.teams', false],
    ['AccessShareLock public.teams_pkey', false],
    ['ShareRowExclusiveLock public.users', true],
    ['AccessShareLock public.users', true],
    ['AccessShareLock public.users_pkey', true],
  ])
  expect(files[1]?.statements[0]?.tables).toEqual([{ relation: 'public.teams', bytes: 8192, rows: null }])
})

it('says which transaction each file runs in, and what holds on from statement to statement', async () => {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE users (id int)`
  const project = journalProject([
    {
      name: '0000_a',
      sql: 'ALTER TABLE users ADD a int;\n--> statement-breakpoint\nALTER TABLE users ADD b int;',
    },
    { name: '0001_b', sql: 'ALTER TABLE users ADD c int;' },
    {
      name: '0002_c',
      sql: 'CREATE INDEX CONCURRENTLY a ON users (a);\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY b ON users (b);',
    },
  ])
  const held = async (transaction: 'file' | 'all') => {
    const { files, findings } = await plan(project, database, { transaction })
    const marks = files.map(file => [
      file.transaction,
      ...file.statements.flatMap(({ locks }) =>
        locks.map(lock => `${lock.mode} ${lock.held ? 'held' : 'taken'}`),
      ),
    ])
    return { marks, findings }
  }
  const concurrently = ['none', 'ShareUpdateExclusiveLock taken', 'ShareUpdateExclusiveLock taken']
  expect(await held('file')).toEqual({
    marks: [
      ['file', 'AccessExclusiveLock taken', 'AccessExclusiveLock held'],
      ['file', 'AccessExclusiveLock taken'],
      concurrently,
    ],
    findings: [],
  })
  expect(await held('all')).toEqual({
    marks: [
      ['all', 'AccessExclusiveLock taken', 'AccessExclusiveLock held'],
      ['all', 'AccessExclusiveLock held'],
      concurrently,
    ],
    findings: [
      {
        code: 'tx-all',
        message: '0002_c cannot run in a transaction, so it cannot be part of one for all.',
        hint: 'Apply what stands before it with --to, then leave --tx all out.',
      },
    ],
  })
})

it('says why migrate would refuse, and plans what is pending nevertheless', async () => {
  const database = await freshDatabase()
  const project = journalProject([users])
  await migrated(project, database)
  const migrations = [
    { ...users, sql: 'CREATE TABLE people (id int);' },
    { name: '0001_broken', sql: 'x' },
    { name: '0002_late', sql: 'CREATE TABLE late (id int);', when: 1 },
  ]
  writeJournal(project, migrations)
  write(join(project.out, '0001_broken.sql'), Buffer.from([0x2d, 0x2d, 0xff]))
  const { files, findings } = await plan(project, database)
  expect(files).toEqual([{ name: '0001_broken', transaction: 'file', statements: [] }])
  expect(findings).toEqual([
    {
      code: 'history',
      message: `The history does not match the files, so nothing was applied.\n0000_users was changed after it had been applied.\n0002_late is older than the newest applied one; stock drizzle would skip it in silence.`,
      hint: 'edited: drizzle-ops repair --accept-edits, once the database has been brought in line by hand\nlate: drizzle-ops migrate --allow late to run it now, or drizzle-ops repair --restamp 0002_late',
    },
    {
      code: 'not-utf8',
      message: `${join(project.out, '0001_broken.sql')} is not UTF-8, so its text would reach the database changed.`,
      hint: 'Save it as UTF-8.',
    },
  ])
  const allowed = await plan(project, database, { allow: ['late'] })
  expect(allowed.files.map(({ name }) => name)).toEqual(['0001_broken', '0002_late'])
})

it('plans up to a named migration', async () => {
  const database = await freshDatabase()
  const project = foldersProject([
    { name: '20260101000000_a', sql: 'CREATE TABLE a (id int);' },
    { name: '20260102000000_b', sql: 'CREATE TABLE b (id int);' },
  ])
  const { files } = await plan(project, database, { to: '20260101000000_a' })
  expect(files.map(({ name }) => name)).toEqual(['20260101000000_a'])
})

it('says what it cannot see', async () => {
  const database = await freshDatabase()
  await database.sql.unsafe(`
    CREATE TABLE users (id int);
    CREATE FUNCTION clean() RETURNS void LANGUAGE sql AS 'DELETE FROM users';
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER noted BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION note();`)
  const statements = [
    "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;",
    'SELECT clean();',
    'INSERT INTO users VALUES (1);',
    'ALTER TABLE nobody ADD COLUMN id int;',
    'ALTER TABLE users ADD COLUM name text;',
    'SELECT 1; FROB users; ALTER TABLE users ADD COLUMN name text;',
    'UPDATE users SET id = 2;',
  ]
  const project = journalProject([{ name: '0000_all', sql: statements.join('\n--> statement-breakpoint\n') }])
  const { files } = await plan(project, database)
  expect(files[0]?.statements.map(({ locks, notAnalysed }) => [...lockNames(locks), ...notAnalysed])).toEqual(
    [
      ['runs a DO block'],
      ['calls clean()'],
      ['RowExclusiveLock public.users', 'fires the trigger noted'],
      ['AccessExclusiveLock public.nobody', 'public.nobody does not exist here'],
      ['cannot be parsed: syntax error at or near "text"'],
      ['AccessExclusiveLock public.users', 'cannot be parsed: syntax error at or near "FROB"'],
      ['RowExclusiveLock public.users'],
    ],
  )
})

it('knows the columns that a valid check has proven', async () => {
  const database = await freshDatabase()
  await database.sql.unsafe(`
    CREATE TABLE users (a int, b int, c int, d int NOT NULL, CHECK (a IS NOT NULL AND b IS NOT NULL));
    ALTER TABLE users ADD CHECK (c IS NOT NULL) NOT VALID;`)
  const alter = (column: string) => `ALTER TABLE users ALTER COLUMN ${column} SET NOT NULL;`
  const project = journalProject([
    { name: '0000_all', sql: ['a', 'b', 'c', 'd'].map(alter).join('\n--> statement-breakpoint\n') },
  ])
  const { files } = await plan(project, database)
  expect(files[0]?.statements.map(({ scans }) => scans)).toEqual([[], [], ['public.users'], []])
})

it('begins each file with a search_path as new', async () => {
  const database = await freshDatabase()
  await database.sql.unsafe('CREATE SCHEMA app; CREATE TABLE app.users (id int); CREATE TABLE users (id int)')
  const project = journalProject([
    { name: '0000_a', sql: 'SET search_path = app;\n--> statement-breakpoint\nALTER TABLE users ADD a int;' },
    { name: '0001_b', sql: 'ALTER TABLE users ADD b int;' },
  ])
  const { files } = await plan(project, database)
  expect(files.flatMap(({ statements }) => statements.flatMap(({ locks }) => lockNames(locks)))).toEqual([
    'AccessExclusiveLock app.users',
    'AccessExclusiveLock public.users',
  ])
})

it('leaves out what is done to the history itself', async () => {
  const database = await freshDatabase()
  const project = journalProject([users])
  await migrated(project, database)
  writeJournal(project, [
    users,
    { name: '0001_odd', sql: 'UPDATE drizzle.__drizzle_migrations SET hash = hash;' },
  ])
  const { files } = await plan(project, database)
  expect(files[0]?.statements[0]).toMatchObject({ locks: [], tables: [] })
})

it('has nothing to say where nothing is pending', async () => {
  const database = await freshDatabase()
  const project = journalProject([users])
  await migrated(project, database)
  expect(await plan(project, database)).toEqual({ files: [], findings: [], alreadyApplied: 1 })
})

it.each(majors())('waits for nobody on PostgreSQL %i', async major => {
  const database = await freshDatabase(major)
  await database.sql.unsafe(
    'CREATE TABLE users (id int CHECK (id IS NOT NULL)); CREATE TABLE posts (id int); ANALYZE users, posts',
  )
  const project = journalProject([
    {
      name: '0000_both',
      sql: 'ALTER TABLE users ALTER COLUMN id SET NOT NULL;\nALTER TABLE posts ADD a int DEFAULT random();',
    },
  ])
  await database.sql.begin(async holder => {
    await holder`LOCK TABLE users`
    const { files } = await plan(project, database, { lockTimeout: 0 })
    expect(files[0]?.statements[0]?.tables).toEqual([
      { relation: 'public.posts', bytes: 0, rows: 0 },
      { relation: 'public.users', bytes: null, rows: 0 },
    ])
  })
})

it('needs no right but to look', async () => {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE users (id int PRIMARY KEY)`
  await database.sql`INSERT INTO users VALUES (1)`
  const { name } = await freshRole()
  const url = new URL(database.url)
  url.username = name
  const project = journalProject([
    { name: '0000_more', sql: 'ALTER TABLE users ADD COLUMN name text DEFAULT random();' },
  ])
  const before = await database.dump()
  const { files } = await plan(project, { url: url.href })
  expect(files[0]?.statements[0]).toMatchObject({
    rewrites: ['public.users'],
    tables: [{ relation: 'public.users' }],
  })
  expect(await database.dump()).toBe(before)
})
