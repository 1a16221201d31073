import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { silent, withSecret } from '../support/failures.ts'
import { migrateFails } from '../support/migrating.ts'
import { journalProject, type TestMigration } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY);' }
const ROLLED_BACK =
  'The transaction was rolled back. Correct the statement and run drizzle-ops migrate again.'

describe.each(majors())('a statement on PostgreSQL %i', major => {
  it('that PostgreSQL cannot parse', async () => {
    const sql = [
      'CREATE TABLE users (id int);',
      '--> statement-breakpoint',
      'CREATE TABLE posts (',
      '  id int PRIMARY,',
      '  title text',
      ');',
    ].join('\n')
    const database = await freshDatabase(major)
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }])
    expect(failed).toEqual(
      expected({
        code: 'syntax-error',
        message: `${file}, statement 2, line 4: syntax error at or near ",".`,
        hint: 'Correct the statement, then run the command again.',
        sqlstate: '42601',
        excerpt: ['  4 |   id int PRIMARY,', '                      ^'],
        where: { file, statement: 2, line: 4, column: 17 },
      }),
    )
    expect(failed.text).toBe(
      'Applying 0000_users\n' +
        `error: ${file}, statement 2, line 4: syntax error at or near ",". [syntax-error, SQLSTATE 42601]\n` +
        '  4 |   id int PRIMARY,\n' +
        '                      ^\n' +
        '  → Correct the statement, then run the command again.\n',
    )
  })

  it('with characters of several bytes and of two columns before the place', async () => {
    const sql = "-- größer\nSELECT 'größe', '漢字 😀', FROM users;"
    const database = await freshDatabase(major)
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }])
    expect(failed).toEqual(
      expected({
        code: 'syntax-error',
        message: `${file}, statement 1, line 2: syntax error at or near "FROM".`,
        hint: 'Correct the statement, then run the command again.',
        sqlstate: '42601',
        excerpt: ["  2 | SELECT 'größe', '漢字 😀', FROM users;", '                                 ^'],
        where: { file, statement: 1, line: 2, column: 25 },
      }),
    )
  })

  it('with tabs before the place', async () => {
    const sql = 'CREATE TABLE users (\n\tid\tint PRIMARY,\n);'
    const database = await freshDatabase(major)
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }])
    expect(failed).toEqual(
      expected({
        code: 'syntax-error',
        message: `${file}, statement 1, line 2: syntax error at or near ",".`,
        hint: 'Correct the statement, then run the command again.',
        sqlstate: '42601',
        excerpt: ['  2 | \\tid\\tint PRIMARY,', '                       ^'],
        where: { file, statement: 1, line: 2, column: 16 },
      }),
    )
  })

  it('in the middle of a long line', async () => {
    const values = (count: number) => Array.from({ length: count }, () => '(1)').join(',')
    const sql = `INSERT INTO users VALUES ${values(100)},,${values(100)};`
    const database = await freshDatabase(major)
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }])
    expect(failed).toEqual(
      expected({
        code: 'syntax-error',
        message: `${file}, statement 1, line 1: syntax error at or near ",".`,
        hint: 'Correct the statement, then run the command again.',
        sqlstate: '42601',
        excerpt: [`  1 | …${values(15)},,${values(15)}…`, `${' '.repeat(67)}^`],
        where: { file, statement: 1, line: 1, column: 426 },
      }),
    )
  })

  it('that makes what is there, in a database without history', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const posts = { name: '0001_posts', sql: 'CREATE TABLE posts (id int);' }
    const { failed, file, expected } = await migrateFails(database, [users, posts], { pending: 2 })
    expect(failed).toEqual(
      expected({
        code: 'exists-already',
        message: `${file}, statement 1, line 1: relation "users" already exists.`,
        hint: 'The database has tables but no history: if it was made by push, drizzle-ops baseline 0001_posts records what is there.',
        sqlstate: '42P07',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: ['  1 | CREATE TABLE users (id int PRIMARY KEY);', '      ^'],
      }),
    )
  })

  it('that makes what is there, in a database with history', async () => {
    const database = await freshDatabase(major)
    await apply(database, [users])
    const again = { name: '0001_again', sql: users.sql }
    const { failed, file, expected } = await migrateFails(database, [users, again])
    expect(failed).toEqual(
      expected({
        code: 'migration-failed',
        message: `${file}, statement 1, line 1: relation "users" already exists.`,
        hint: 'The transaction was rolled back. If push has made all of this file already, drizzle-ops repair --mark-applied 0001_again records it; else correct the statement.',
        sqlstate: '42P07',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: ['  1 | CREATE TABLE users (id int PRIMARY KEY);', '      ^'],
      }),
    )
  })

  it('that breaks a constraint', async () => {
    const database = await freshDatabase(major)
    await apply(database, [users])
    const twice = { name: '0001_rows', sql: '\n\n  INSERT INTO users VALUES (1), (1);' }
    const { failed, file, expected } = await migrateFails(database, [users, twice])
    expect(failed).toEqual(
      expected({
        code: 'migration-failed',
        message: `${file}, statement 1, line 3: duplicate key value violates unique constraint "users_pkey" (Key (id)=(1) already exists.)`,
        hint: ROLLED_BACK,
        sqlstate: '23505',
        where: { file, statement: 1, line: 3, column: 3 },
        excerpt: ['  3 |   INSERT INTO users VALUES (1), (1);', '        ^'],
      }),
    )
  })

  it('that speaks of a database that does not exist', async () => {
    const database = await freshDatabase(major)
    const sql = 'ALTER DATABASE shop SET timezone = UTC;'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_zone', sql }])
    expect(failed).toEqual(
      expected({
        code: 'migration-failed',
        message: `${file}, statement 1, line 1: database "shop" does not exist.`,
        hint: ROLLED_BACK,
        sqlstate: '3D000',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: [`  1 | ${sql}`, '      ^'],
      }),
    )
  })

  it('that fills the disk', async () => {
    const database = await freshDatabase(major)
    const sql = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;"
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_rows', sql }])
    expect(failed).toEqual(
      expected({
        code: 'disk-full',
        message: `${file}, statement 1, line 1: could not extend file.`,
        hint: 'Free space on the server, then run the command again: the open transaction was rolled back.',
        sqlstate: '53100',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: [`  1 | ${sql}`, '      ^'],
      }),
    )
  })

  it('that takes longer than --statement-timeout', async () => {
    const database = await freshDatabase(major)
    const flags = ['--statement-timeout', '1s']
    const sql = 'SELECT pg_sleep(10);'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_slow', sql }], { flags })
    expect(failed).toEqual(
      expected({
        code: 'statement-timeout',
        message: `${file}, statement 1, line 1: canceling statement due to statement timeout.`,
        hint: 'Allow more time with --statement-timeout, or see what it waits for.',
        sqlstate: '57014',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: ['  1 | SELECT pg_sleep(10);', '      ^'],
      }),
    )
  })

  it('that somebody cancels', async () => {
    const database = await freshDatabase(major)
    const sql = 'SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(10);'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_slow', sql }])
    expect(failed).toEqual(
      expected({
        code: 'statement-cancelled',
        message: `${file}, statement 1, line 1: canceling statement due to user request.`,
        hint: 'Ask who called pg_cancel_backend, then run the command again.',
        sqlstate: '57014',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: [`  1 | ${sql}`, '      ^'],
      }),
    )
  })
})

async function apply(database: TestDatabase, migrations: readonly TestMigration[]): Promise<void> {
  const { root } = journalProject(migrations)
  expect(await silent(['migrate', '--url', withSecret(database.url)], { cwd: root })).toMatchObject({
    code: 0,
  })
}
