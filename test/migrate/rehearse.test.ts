import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { migrate, migrated } from '../support/migrate.ts'
import { lockNames, rehearse } from '../support/planning.ts'
import { journalProject, type TestMigration } from '../support/project.ts'
import { busyWith, expectNoSession } from '../support/sessions.ts'
import { majors } from '../support/shared-servers.ts'
import { thrown } from '../support/thrown.ts'

const STATEMENT = '\n--> statement-breakpoint\n'

/** What the database holds, rows and sequences included. */
async function everything({ sql, dump }: TestDatabase): Promise<unknown> {
  const tables = await sql<{ name: string }[]>`
    SELECT oid::regclass::text AS name FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'S') ORDER BY 1`
  const counts: [string, unknown][] = []
  for (const { name } of tables)
    counts.push([name, await sql.unsafe(`SELECT count(*), sum(hashtext(t::text)) FROM ${name} t`).values()])
  return { schema: await dump(), counts }
}

/** Rehearses, and makes sure that nothing of it stays. */
async function rehearsed(database: TestDatabase, migrations: readonly TestMigration[], options = {}) {
  const before = await everything(database)
  const rehearsal = await rehearse(journalProject(migrations), database, options)
  expect(await everything(database)).toEqual(before)
  return rehearsal
}

describe.each(majors())('rehearse on PostgreSQL %i', major => {
  it('runs the pending files, measures each statement, and leaves everything as it was', async () => {
    const database = await freshDatabase(major)
    await database.sql.unsafe(`
      CREATE TABLE users (id int PRIMARY KEY, name text);
      INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 500) AS i;`)
    const { files, end, sequences, alreadyApplied } = await rehearsed(database, [
      {
        name: '0000_posts',
        sql: [
          'CREATE TABLE posts (id int REFERENCES users);',
          'INSERT INTO posts SELECT id FROM users WHERE id <= 200;',
        ].join(STATEMENT),
      },
      {
        name: '0001_users',
        sql: [
          'ALTER TABLE users ALTER COLUMN id TYPE bigint;',
          'DO $$ BEGIN UPDATE users SET name = upper(name) WHERE id <= 30; DELETE FROM posts WHERE id <= 10; END $$;',
        ].join(STATEMENT),
      },
    ])
    expect({ end, sequences, alreadyApplied }).toEqual({ end: null, sequences: [], alreadyApplied: 0 })
    expect(files.map(({ name, transaction, rehearsed }) => ({ name, transaction, rehearsed }))).toEqual([
      { name: '0000_posts', transaction: 'file', rehearsed: true },
      { name: '0001_users', transaction: 'file', rehearsed: true },
    ])
    const measured = files.flatMap(({ statements }) =>
      statements.map(({ n, rewrites, rowsTouched }) => ({ n, rewrites, rowsTouched })),
    )
    expect(measured).toEqual([
      { n: 1, rewrites: [], rowsTouched: 0 },
      { n: 2, rewrites: [], rowsTouched: 200 },
      { n: 1, rewrites: ['public.users'], rowsTouched: 0 },
      { n: 2, rewrites: [], rowsTouched: 40 },
    ])
    for (const { statements } of files) for (const { ms } of statements) expect(ms).toBeGreaterThan(0)
  })

  it('measures what the plan cannot see, and marks what an earlier statement has taken', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const { files } = await rehearsed(database, [
      { name: '0000_a', sql: "DO $$ BEGIN EXECUTE 'ALTER TABLE users ADD COLUMN name text'; END $$;" },
      {
        name: '0001_b',
        sql: `ALTER TABLE users ADD COLUMN age int;${STATEMENT}CREATE INDEX ON users (age);`,
      },
    ])
    const locks = files.flatMap(({ statements }) =>
      statements.map(each =>
        each.locks.map(({ mode, relation, held, created }) => ({ mode, relation, held, created })),
      ),
    )
    const users = { relation: 'public.users', created: false }
    expect(locks).toEqual([
      [{ mode: 'AccessExclusiveLock', ...users, held: false }],
      [{ mode: 'AccessExclusiveLock', ...users, held: true }],
      [
        { mode: 'ShareLock', ...users, held: false },
        { mode: 'AccessExclusiveLock', relation: 'public.users_age_idx', created: true, held: false },
      ],
    ])
  })

  it('notes the sequences that it has moved', async () => {
    const database = await freshDatabase(major)
    await database.sql.unsafe(`
      CREATE TABLE users (id serial PRIMARY KEY);
      CREATE SEQUENCE untouched;
      CREATE SEQUENCE fresh;
      INSERT INTO users DEFAULT VALUES;`)
    const project = journalProject([
      {
        name: '0000_rows',
        sql: "INSERT INTO users SELECT nextval('users_id_seq') FROM generate_series(1, 3);",
      },
      { name: '0001_fresh', sql: "SELECT nextval('fresh');" },
    ])
    const before = await database.dump()
    expect((await rehearse(project, database)).sequences).toEqual([
      { sequence: 'public.fresh', from: null, to: '1' },
      { sequence: 'public.users_id_seq', from: '1', to: '4' },
    ])
    expect(await database.dump()).toBe(before)
    expect(await database.sql`SELECT id FROM users`).toEqual([{ id: 1 }])
  })

  it('uses a new enum value only where the file before it could have been committed', async () => {
    const database = await freshDatabase(major)
    await database.sql.unsafe(`CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE users (mood mood)`)
    const add = { name: '0000_add', sql: "ALTER TYPE mood ADD VALUE 'happy';" }
    const use = { name: '0001_use', sql: "INSERT INTO users VALUES ('happy');" }
    const { files, end } = await rehearsed(database, [add, use])
    expect(end).toEqual({
      from: '0001_use',
      reason:
        'it uses what an earlier file must have committed (unsafe use of new value "happy" of enum type mood)',
    })
    expect(files.map(file => [file.rehearsed, 'ms' in (file.statements[0] ?? {})])).toEqual([
      [true, true],
      [false, false],
    ])
    // in one file it fails in the run as well
    const both = journalProject([{ name: '0000_both', sql: `${add.sql}${STATEMENT}${use.sql}` }])
    const failed = await thrown(() => rehearse(both, database))
    expect(failed).toMatchObject({
      code: 'migration-failed',
      sqlstate: '55P04',
      where: { statement: 2, line: 3 },
    })
  })

  it('ends before a file that it must not run, and plans from there on', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const first = { name: '0000_first', sql: 'ALTER TABLE users ADD COLUMN name text;' }
    const last = { name: '0002_last', sql: 'ALTER TABLE users ADD COLUMN age int;' }
    const ends: Record<string, string> = {
      'CREATE INDEX CONCURRENTLY ON users (id);': 'it runs outside a transaction',
      '-- drizzle-ops: no-transaction\nUPDATE users SET id = 2;': 'it runs outside a transaction',
      'COMMIT;\nUPDATE users SET id = 2;': 'it begins or ends a transaction by itself',
      "UPDATE users SET id = 2; PREPARE TRANSACTION 'x';": 'it begins or ends a transaction by itself',
      'UPDATE users SET id = 2; /* ; */ COMMIT AND CHAIN; SELECT 1;':
        'it begins or ends a transaction by itself',
    }
    for (const [sql, reason] of Object.entries(ends)) {
      const { files, end } = await rehearsed(database, [first, { name: '0001_odd', sql }, last])
      expect({ sql, end }).toEqual({ sql, end: { from: '0001_odd', reason } })
      expect(files.map(({ rehearsed }) => rehearsed)).toEqual([true, false, false])
      expect(lockNames(files[2]?.statements[0]?.locks ?? [])).toEqual(['AccessExclusiveLock public.users'])
    }
    const savepoints = 'SAVEPOINT a; UPDATE users SET id = 2; ROLLBACK TO a; RELEASE a;'
    expect((await rehearsed(database, [first, { name: '0001_fine', sql: savepoints }])).end).toBe(null)
  })

  it('tells a failing statement as migrate does, and what it had measured before', async () => {
    const database = await freshDatabase(major)
    const migrations = [
      { name: '0000_users', sql: 'CREATE TABLE users (id int);' },
      { name: '0001_bad', sql: `SELECT 1;${STATEMENT}-- größer\nALTER TABLE users ADD COLUMN id int;` },
    ]
    const project = journalProject(migrations)
    const before = await everything(database)
    const failed = await thrown(() => rehearse(project, database))
    expect(await everything(database)).toEqual(before)
    const { plan } = failed.known as { plan: { name: string; rehearsed: boolean }[] }
    expect(plan.map(({ name, rehearsed }) => [name, rehearsed])).toEqual([
      ['0000_users', true],
      ['0001_bad', false],
    ])
    const { document } = await migrate(project, database)
    const { code, message, hint, sqlstate, where } = failed
    const { excerpt: _printed, ...place } = where ?? {}
    expect(document.error).toEqual({ code, message, hint, sqlstate, where: place })
    expect(place).toMatchObject({ statement: 2, line: 4, column: 1 })
  })

  it('checks at the end of each file what its COMMIT would check', async () => {
    const database = await freshDatabase(major)
    await database.sql.unsafe(`
      CREATE TABLE teams (id int PRIMARY KEY);
      CREATE TABLE users (team int REFERENCES teams DEFERRABLE INITIALLY DEFERRED);`)
    const child = 'INSERT INTO users VALUES (1);'
    const parent = 'INSERT INTO teams VALUES (1);'
    // pending checks of the first file would keep the second from altering the table
    const { end } = await rehearsed(database, [
      { name: '0000_rows', sql: `${child}${STATEMENT}${parent}` },
      { name: '0001_alter', sql: `ALTER TABLE users ADD COLUMN name text;${STATEMENT}${child}` },
    ])
    expect(end).toBe(null)
    const project = journalProject([
      { name: '0000_orphan', sql: child },
      { name: '0001_late', sql: parent },
    ])
    const failed = await thrown(() => rehearse(project, database))
    const { document } = await migrate(project, database)
    expect(document.error).toMatchObject({ message: failed.message, hint: failed.hint })
    expect(failed.message).toContain('0000_orphan.sql, at its end: ')
  })

  it('stops as soon as it is in the way of somebody, and says of whom', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const project = journalProject([
      { name: '0000_slow', sql: `ALTER TABLE users ADD COLUMN name text;${STATEMENT}SELECT pg_sleep(20);` },
    ])
    const before = await everything(database)
    const started = performance.now()
    const rehearsal = thrown(() => rehearse(project, database))
    await busyWith(database.sql, 'pg_sleep(20)')
    const [{ pid = 0 } = {}] = await database.sql.begin(async reader => {
      const rows = await reader<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
      await reader`SELECT * FROM users`
      return rows
    })
    const { code, exit, message, hint, known } = await rehearsal
    expect({ code, exit, hint }).toEqual({
      code: 'rehearsal-blocks',
      exit: 5,
      hint: 'Everything was rolled back. Rehearse at a quieter hour, or on a copy of the database.',
    })
    expect(message).toMatch(
      new RegExp(
        `^The rehearsal was given up, because it held up pid ${pid} \\(.*active since .*: SELECT \\* FROM users\\)\\.$`,
      ),
    )
    expect(known).toMatchObject({ blocked: [{ pid, state: 'active' }], plan: [{ rehearsed: false }] })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await everything(database)).toEqual(before)
  })

  it('notices between two statements that somebody waits', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const busy = Array.from({ length: 3000 }, () => 'SELECT 1;').join(STATEMENT)
    const project = journalProject([{ name: '0000_many', sql: `LOCK TABLE users;${STATEMENT}${busy}` }])
    const rehearsal = thrown(() => rehearse(project, database))
    await expect
      .poll(
        () =>
          database.sql`SELECT FROM pg_locks WHERE relation = 'users'::regclass AND mode = 'AccessExclusiveLock'`.then(
            rows => rows.length,
          ),
        { interval: 10, timeout: 10_000 },
      )
      .toBe(1)
    await database.sql`SELECT * FROM users`
    expect((await rehearsal).code).toBe('rehearsal-blocks')
  })
})

it('waits for no lock longer than the session allows', async () => {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE users (id int)`
  const project = journalProject([{ name: '0000_add', sql: 'ALTER TABLE users ADD COLUMN name text;' }])
  await database.sql.begin(async holder => {
    await holder`LOCK TABLE users IN ACCESS SHARE MODE`
    const failed = await thrown(() => rehearse(project, database, { lockTimeout: 50 }))
    expect(failed).toMatchObject({ code: 'lock-timeout', exit: 5, where: { statement: 1, line: 1 } })
  })
})

it('runs no statement longer than the session allows', async () => {
  const database = await freshDatabase()
  const project = journalProject([{ name: '0000_slow', sql: 'SELECT pg_sleep(20);' }])
  const failed = await thrown(() => rehearse(project, database, { statementTimeout: 100 }))
  expect(failed).toMatchObject({ code: 'statement-timeout', exit: 1, where: { statement: 1 } })
})

it('does not run beside a migration', async () => {
  const database = await freshDatabase()
  const slow = journalProject([{ name: '0000_slow', sql: 'SELECT pg_sleep(0.5);' }])
  const migration = migrate(slow, database)
  await expect
    .poll(
      () =>
        database.sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`.then(
          rows => rows.length,
        ),
      { interval: 10, timeout: 10_000 },
    )
    .toBe(1)
  expect(await thrown(() => rehearse(slow, database))).toMatchObject({ code: 'lock-held', exit: 5 })
  // once it is let in, it looks again
  const later = await rehearse(slow, database, { lockWait: 10_000 })
  expect(later).toEqual({ files: [], end: null, sequences: [], alreadyApplied: 1 })
  expect((await migration).code).toBe(0)
})

it('begins each file with a session as new', async () => {
  const database = await freshDatabase()
  await database.sql.unsafe('CREATE SCHEMA app; CREATE TABLE app.users (id int); CREATE TABLE users (id int)')
  const { files } = await rehearsed(database, [
    { name: '0000_a', sql: `SET search_path = app; SET ROLE pg_monitor;` },
    { name: '0001_b', sql: `SET LOCAL search_path = app;${STATEMENT}ALTER TABLE users ADD a int;` },
    { name: '0002_c', sql: 'ALTER TABLE users ADD b int;' },
  ])
  expect(files.flatMap(({ statements }) => statements.flatMap(({ locks }) => lockNames(locks)))).toEqual([
    'AccessExclusiveLock app.users',
    'AccessExclusiveLock public.users',
  ])
})

it('refuses a doubtful history, and rehearses nothing where nothing is pending', async () => {
  const database = await freshDatabase()
  const users = { name: '0000_users', sql: 'CREATE TABLE users (id int);' }
  await migrated(journalProject([users]), database)
  expect(await rehearse(journalProject([users]), database)).toEqual({
    files: [],
    end: null,
    sequences: [],
    alreadyApplied: 1,
  })
  const edited = journalProject([{ ...users, sql: 'CREATE TABLE people (id int);' }])
  expect((await thrown(() => rehearse(edited, database))).code).toBe('history')
})

it('leaves its watcher and its locks behind nowhere', async () => {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE users (id int)`
  await rehearsed(database, [{ name: '0000_add', sql: 'ALTER TABLE users ADD COLUMN name text;' }])
  await expectNoSession(database.sql)
  const locks = await database.sql`
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  expect(locks).toEqual([])
})
