import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { expectNoSecret, withSecret } from '../support/failures.ts'
import { migrateFails } from '../support/migrating.ts'
import { documentOf } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { busyWith, expectNoSession } from '../support/sessions.ts'
import { majors } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const migrations = [
  { name: '0000_users', sql: 'CREATE TABLE users (id int);' },
  {
    name: '0001_posts',
    sql: "CREATE TABLE posts (id int);\n--> statement-breakpoint\nDO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(60); END $$;",
  },
  { name: '0002_tags', sql: 'CREATE TABLE tags (id int);' },
]

/** What is told of a run that has applied the first of three. */
const progress = {
  applied: [{ name: '0000_users', statements: 1, ms: expect.any(Number), transaction: 'file' }],
  pending: ['0001_posts', '0002_tags'],
}

const signals = [
  { signal: 'SIGINT', exit: 130 },
  { signal: 'SIGTERM', exit: 143 },
] as const

describe.each(majors())('PostgreSQL %i', major => {
  it.each(signals)(
    '$signal in a long statement rolls back and says what was applied',
    async ({ signal, exit }) => {
      const database = await freshDatabase(major)
      const { failed, expected } = await migrateFails(database, migrations, {
        pending: 3,
        before: () => empty(database),
        interrupt: { signal, after: () => busyWith(database.sql, 'pg_sleep') },
      })
      expect(failed).toEqual(
        expected({
          exit,
          code: 'interrupted',
          message: `Stopped by ${signal}.`,
          hint: 'What was not finished has been rolled back; run the command again to go on.',
          notes: ['Applying 0000_users', 'Applying 0001_posts'],
          known: progress,
        }),
      )
      await expectNoSession(database.sql)
      expect(await tables(database)).toEqual(['drizzle.__drizzle_migrations', 'users'])
      expect(await database.sql`SELECT count(*)::int AS rows FROM drizzle.__drizzle_migrations`).toEqual([
        { rows: 1 },
      ])
    },
  )

  it.each(signals)('$signal does the same to a process of its own', async ({ signal, exit }) => {
    const database = await freshDatabase(major)
    const { root } = journalProject(migrations)
    const args = ['migrate', '--json', '--verbose', '--url', withSecret(database.url)]
    const outcome = await run(args, { cwd: root, signalAfter: { signal, seen: /NOTICE: asleep/ } })
    expectNoSecret(outcome.stdout, outcome.stderr)
    expect([outcome.code, outcome.signal]).toEqual([exit, null])
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: {
        name: database.name,
        host: '127.0.0.1',
        port: Number(new URL(database.url).port),
        user: 'postgres',
        source: '--url',
      },
      ...progress,
      error: {
        code: 'interrupted',
        message: `Stopped by ${signal}.`,
        hint: 'What was not finished has been rolled back; run the command again to go on.',
      },
    })
    await expectNoSession(database.sql)
    expect(await tables(database)).toEqual(['drizzle.__drizzle_migrations', 'users'])
  })

  it('a signal between two attempts at a lock says what was applied', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE held (id int)`
    const holder = await database.sql.reserve()
    const locked = [
      { name: '0000_users', sql: 'CREATE TABLE users (id int);' },
      { name: '0001_name', sql: 'ALTER TABLE held ADD COLUMN name text;' },
    ]
    await holder.unsafe('BEGIN; LOCK TABLE held')
    const { failed, expected } = await migrateFails(database, locked, {
      pending: 2,
      before: () => empty(database),
      interrupt: { signal: 'SIGINT', seen: /trying again/ },
    })
    await holder.unsafe('ROLLBACK')
    holder.release()
    expect(failed).toEqual(
      expected({
        exit: 130,
        code: 'interrupted',
        message: 'Stopped by SIGINT.',
        hint: 'What was not finished has been rolled back; run the command again to go on.',
        notes: [
          'Applying 0000_users',
          'Applying 0001_name',
          'Another session holds a lock; trying again for 60s (--lock-wait)',
        ],
        known: { ...progress, pending: ['0001_name'] },
      }),
    )
    await expectNoSession(database.sql)
  })
})

/** As before the first migration. */
async function empty({ sql }: TestDatabase): Promise<void> {
  await sql`DROP SCHEMA IF EXISTS drizzle CASCADE`
  await sql`DROP TABLE IF EXISTS users`
}

async function tables({ sql }: TestDatabase): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relkind = 'r' AND oid >= 16384
    ORDER BY name`
  return rows.map(row => row.name)
}
