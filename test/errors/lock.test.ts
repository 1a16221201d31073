import { describe, expect, it } from 'vitest'
import type { LockHolder } from '../../src/catalog/locks.ts'
import { freshDatabase } from '../support/databases.ts'
import { silent, withSecret } from '../support/failures.ts'
import { migrateFails } from '../support/migrating.ts'
import { journalProject } from '../support/project.ts'
import { busyWith } from '../support/sessions.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('a lock on PostgreSQL %i', major => {
  it('that another run holds', async () => {
    const database = await freshDatabase(major)
    const slow = { name: '0000_slow', sql: 'SELECT  pg_sleep(60)\n, 1;' }
    const { root } = journalProject([slow])
    const other = silent(['migrate', '--url', withSecret(database.url)], { cwd: root })
    const pid = await busyWith(database.sql, 'pg_sleep')
    const flags = ['--lock-wait', '0']
    const { failed, expected } = await migrateFails(database, [slow], { flags })
    const [holder] = await database.sql<Pick<LockHolder, 'since'>[]>`
      SELECT to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
      FROM pg_stat_activity WHERE pid = ${pid}`
    await database.sql`SELECT pg_cancel_backend(${pid})`
    await other
    const since = holder?.since ?? ''
    expect(failed).toEqual(
      expected({
        exit: 5,
        code: 'lock-held',
        message: `Another run holds the migration lock: pid ${pid} (drizzle-ops migrate, active since ${since}: SELECT pg_sleep(60) , 1;). Waited 0s.`,
        hint: 'Try again when it has finished, or wait longer with --lock-wait 10m.',
        notes: [],
        known: {
          holders: [
            {
              pid,
              user: 'postgres',
              applicationName: 'drizzle-ops migrate',
              state: 'active',
              since,
              query: slow.sql,
            },
          ],
          applied: [],
          pending: ['0000_slow'],
        },
      }),
    )
  })

  it('that another session holds on a table', async () => {
    const database = await freshDatabase(major)
    await database.sql`CREATE TABLE users (id int)`
    const flags = ['--lock-wait', '0']
    const sql = '-- people have names\n  ALTER TABLE users ADD COLUMN name text;'
    const holder = await database.sql.reserve()
    await holder.unsafe('BEGIN; LOCK TABLE  users')
    const blockers = await database.sql<LockHolder[]>`
      SELECT pid, usename AS user, application_name AS "applicationName", state, query,
             to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
      FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_name', sql }], { flags })
    await holder.unsafe('ROLLBACK')
    holder.release()
    const [{ pid, since } = {}] = blockers
    expect(failed).toEqual(
      expected({
        exit: 5,
        code: 'lock-timeout',
        message: `${file}, statement 1, line 2: canceling statement due to lock timeout. Blocked by pid ${pid} (postgres.js, idle in transaction since ${since}: BEGIN; LOCK TABLE users).`,
        hint: 'Try again when the session that holds it is done, or wait longer with --lock-timeout (migrate: --lock-wait).',
        sqlstate: '55P03',
        where: { file, statement: 1, line: 2, column: 3 },
        excerpt: ['  2 |   ALTER TABLE users ADD COLUMN name text;', '        ^'],
        known: { applied: [], pending: ['0000_name'], blockers },
      }),
    )
  })
})
