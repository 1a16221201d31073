import { describe, expect, it } from 'vitest'
import { afterFile } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { migrateFails } from '../support/migrating.ts'
import { startServer } from '../support/servers.ts'
import { busyWith } from '../support/sessions.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'

const migrations = [
  { name: '0000_users', sql: 'CREATE TABLE users (id int);' },
  { name: '0001_posts', sql: 'CREATE TABLE posts (id int);\n--> statement-breakpoint\nSELECT pg_sleep(60);' },
  { name: '0002_tags', sql: 'CREATE TABLE tags (id int);' },
]

/** What is told of a run that has applied the first of three. */
const progress = {
  notes: ['Applying 0000_users', 'Applying 0001_posts'],
  known: {
    applied: [{ name: '0000_users', statements: 1, ms: expect.any(Number), transaction: 'file' }],
    pending: ['0001_posts', '0002_tags'],
  },
}

describe.each(majors())('a session on PostgreSQL %i', major => {
  it('that the server ends in the middle of a migration', async () => {
    const database = await freshDatabase(major)
    const { failed, expected } = await migrateFails(database, migrations, {
      pending: 3,
      before: () => empty(database),
      during: async () =>
        database.sql`SELECT pg_terminate_backend(${await busyWith(database.sql, 'pg_sleep')})`,
    })
    expect(failed).toEqual(
      expected({
        exit: 3,
        code: 'connection-lost',
        message: 'The server ended the session: terminating connection due to administrator command.',
        hint: "Look into the server's log, then run the command again: what was not committed has been rolled back.",
        sqlstate: '57P01',
        ...progress,
      }),
    )
    expect(await tables(database)).toEqual(['users'])
  })
})

it('a server that is killed in the middle of a migration', async () => {
  const server = await startServer({ major: newestMajor(), settings: { synchronous_commit: true } })
  afterFile(() => server.stop('immediate'))
  const sql = connect(server.url())
  afterFile(() => sql.end())
  const database = { major: server.major, name: 'postgres', url: server.url(), sql, dump: async () => '' }
  const { failed, expected } = await migrateFails(database, migrations, {
    pending: 3,
    before: () => empty(database),
    during: async () => {
      await busyWith(sql, 'pg_sleep')
      await server.restart('immediate')
    },
  })
  expect(failed).toEqual(
    expected({
      exit: 3,
      code: 'connection-lost',
      message: `The connection to 127.0.0.1:${server.port} broke off while the command was at work.`,
      hint: "Look into the server's log, then run the command again: what was not committed has been rolled back.",
      ...progress,
    }),
  )
  expect(await tables(database)).toEqual(['users'])
})

/** As before the first migration. */
async function empty({ sql }: Pick<TestDatabase, 'sql'>): Promise<void> {
  await sql`DROP SCHEMA IF EXISTS drizzle CASCADE`
  await sql`DROP TABLE IF EXISTS users`
}

async function tables({ sql }: Pick<TestDatabase, 'sql'>): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY relname`
  return rows.map(row => row.name)
}
