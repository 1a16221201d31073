import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { countersSince } from '../../src/catalog/counters-since.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import {
  asked,
  deepHealth,
  healthyServer,
  ownDatabase,
  problemsIn,
  problemsOf,
  told,
} from '../support/health.ts'
import { pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import { startStandby } from '../support/standby.ts'

describe.each(majors())('the server of PostgreSQL %i', major => {
  it('a slot that nobody reads warns by the WAL that it keeps, and is critical when it has lost some', async () => {
    const server = await healthyServer(major, { wal_keep_size: 0, min_wal_size: '32MB', max_wal_size: '2GB' })
    const { url, sql } = await ownDatabase(server)
    await sql`SELECT pg_create_physical_replication_slot('replica', true)`
    expect(await problemsOf(url)).toEqual([])
    await switchWal(server, 33)
    expect(await problemsOf(url)).toEqual([
      told(
        'replication',
        'warn',
        'replica',
        expect.stringMatching(
          /^Nobody reads the slot replica, and it keeps 5\d\d\.\d MiB of WAL on the disk\.$/,
        ),
        "SELECT pg_drop_replication_slot('replica'); or let its reader come back.",
      ),
    ])
    await sql`ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'`
    await sql`SELECT pg_reload_conf()`
    await switchWal(server, 3)
    expect(await problemsOf(url)).toEqual([
      told(
        'replication',
        'critical',
        'replica',
        'The slot replica has lost the WAL that it was to keep: its reader cannot go on.',
        "SELECT pg_drop_replication_slot('replica'); and build its reader anew.",
      ),
    ])
  })

  it('settings that wait, that endanger data, and a zone that is not UTC', async () => {
    const server = await healthyServer(major)
    const { url, sql, name } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, at timestamp, seen timestamptz)`
    const setting = (statement: string) => sql.unsafe(statement)
    await setting(`ALTER DATABASE ${name} SET timezone = 'Etc/UTC'`)
    expect(await problemsOf(url)).toEqual([])

    await setting(`ALTER DATABASE ${name} SET timezone = 'Europe/Berlin'`)
    expect(await problemsOf(url)).toEqual([
      told(
        'time-zone',
        'warn',
        null,
        'Sessions run in Europe/Berlin, and 1 column is a timestamp without time zone (public.posts.at): Drizzle fills it with UTC, so comparing it with now() is off by the zone, and a cleanup may delete what has not expired.',
        `ALTER DATABASE "${name}" SET timezone = 'UTC';`,
      ),
    ])
    await setting(`ALTER DATABASE ${name} RESET timezone`)

    await setting('ALTER SYSTEM SET fsync = off')
    await setting('ALTER SYSTEM SET max_connections = 150')
    await setting('SELECT pg_reload_conf()')
    await expect.poll(() => sql`SELECT 1 FROM pg_settings WHERE pending_restart`).toHaveLength(1)
    expect(await problemsOf(url)).toEqual([
      told(
        'settings',
        'warn',
        'max_connections',
        'max_connections was changed and waits for a restart: until then the old value is in force.',
        'Restart the server when it suits.',
      ),
      told(
        'settings',
        'critical',
        'fsync',
        'fsync is off: a crash of the machine may destroy the database.',
        'ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();',
      ),
    ])
    await setting('ALTER SYSTEM RESET ALL')
    await setting('ALTER SYSTEM SET autovacuum = off')
    await setting('SELECT pg_reload_conf()')
    await expect.poll(() => sql`SELECT 1 FROM pg_settings WHERE pending_restart`).toHaveLength(0)
    expect(await problemsOf(url)).toEqual([
      told(
        'autovacuum',
        'critical',
        'autovacuum',
        'autovacuum is off: dead rows stay, and in the end the server stops taking writes.',
        'ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();',
      ),
    ])
  })

  it('WAL that cannot be archived is critical', async () => {
    const server = await healthyServer(major, { archive_mode: 'on', archive_command: 'false' })
    const { url, sql } = await ownDatabase(server)
    await switchWal(server, 1)
    await expect.poll(() => sql`SELECT 1 FROM pg_stat_archiver WHERE failed_count > 0`).toHaveLength(1)
    expect(await problemsOf(url)).toEqual([
      told(
        'archiving',
        'critical',
        null,
        expect.stringMatching(
          /^Archiving fails at [0-9A-F]{24} since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: WAL piles up, and backups end before it\.$/,
        ),
        "See archive_command and the server's log.",
      ),
    ])
  })

  it('statements are counted only where pg_stat_statements is loaded as well', async () => {
    const server = await healthyServer(major)
    const { url, sql } = await ownDatabase(server)
    const without = await deepHealth(url, ['--only', 'statements-extension'])
    expect(without.checks).toEqual([
      told(
        'statements-extension',
        'ok',
        null,
        'pg_stat_statements is not installed: nobody knows which statements take the time.',
        'Add pg_stat_statements to shared_preload_libraries and restart; then CREATE EXTENSION pg_stat_statements;',
      ),
    ])
    await sql`CREATE EXTENSION pg_stat_statements`
    expect(await problemsOf(url)).toEqual([
      told(
        'statements-extension',
        'warn',
        null,
        'pg_stat_statements is created but not loaded: it counts nothing.',
        'Add pg_stat_statements to shared_preload_libraries, and restart.',
      ),
    ])
    await appendFile(
      join(server.dataDirectory, 'postgresql.conf'),
      "shared_preload_libraries = 'pg_stat_statements'\n",
    )
    await sql.end()
    await server.restart()
    const { checks } = await deepHealth(url, ['--only', 'statements-extension'])
    expect(checks).toEqual([told('statements-extension', 'ok', null, 'pg_stat_statements counts.', null)])
  })

  it.skipIf(major < 15)(
    major < 15
      ? 'databases note the version of their collation from PostgreSQL 15 on'
      : 'a collation of another version than its indexes warns',
    async () => {
      const server = await healthyServer(major)
      const { url, sql, name } = await ownDatabase(server)
      const [row] = await sql<{ version: string | null }[]>`
      SELECT pg_database_collation_actual_version(oid) AS version FROM pg_database WHERE datname = current_database()`
      await sql`UPDATE pg_database SET datcollversion = '1.0' WHERE datname = current_database()`
      const problems = await problemsOf(url)
      // a locale without versions, such as C, cannot be of another one
      expect(problems).toEqual(
        row?.version == null
          ? []
          : [
              told(
                'settings',
                'warn',
                name,
                `The collation of ${name} was version 1.0 when its indexes were built and is ${row.version} now: they may miss rows.`,
                `REINDEX DATABASE "${name}"; ALTER DATABASE "${name}" REFRESH COLLATION VERSION;`,
              ),
            ],
      )
    },
  )
})

describe.each(majors())('what is asked of PostgreSQL %i', major => {
  it.skipIf(pgBouncerMissing())(
    pgBouncerMissing() ?? 'is the same through a transaction pooler, whose sessions it leaves as they were',
    async () => {
      const { name, sql, url } = await freshDatabase(major)
      await sql`CREATE TABLE posts (id serial PRIMARY KEY, expires_at timestamp)`
      await sql`CREATE TABLE log (line text)`
      const { url: pooled } = await startPgBouncer({ major, mode: 'transaction', size: 1 })
      const direct = await deepHealth(url)
      const through = await deepHealth(pooled(name))
      const facts = (checks: typeof direct.checks) =>
        checks
          .filter(({ id }) => id !== 'connect')
          .map(({ id, status, object }) => `${id} ${status} ${object}`)
      expect(facts(through.checks)).toEqual(facts(direct.checks))
      const session = connect(pooled(name), 1)
      const settings = await session`
        SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
               current_setting('default_transaction_read_only') AS read_only`
      expect([...settings]).toEqual([{ statement: '0', lock: '0', read_only: 'off' }])
      await session.end()
    },
  )

  it('a clean restart does not shorten the time for which counters are known', async () => {
    const server = await healthyServer(major)
    const since = () => asked(server.url(), countersSince)
    const before = await since()
    await server.restart()
    expect((await since()).since).toBe(before.since)
  })

  it('a plain role counts the same connections, and no workers of the server', async () => {
    const server = await healthyServer(major)
    const { url, sql, as } = await ownDatabase(server)
    await sql`CREATE ROLE visitor LOGIN`
    await sql.end()
    const others = connect(server.url(), 3)
    await Promise.all([1, 2, 3].map(() => others`SELECT pg_sleep(0.2)`))
    for (const address of [url, as('visitor')]) {
      const { checks } = await deepHealth(address, ['--only', 'connections'])
      expect(checks.map(({ message }) => message)).toEqual(['4 of 97 usable connections are taken.'])
    }
    await others.end()
  })
})

it('a standby without its primary is critical, for every role, and nothing else is', async () => {
  const standby = await startStandby(async server => {
    const sql = connect(server.url(), 1)
    await sql`CREATE ROLE visitor LOGIN`
    await sql`CREATE TABLE posts (id serial PRIMARY KEY)`
    await sql`ALTER SYSTEM SET fsync = on`
    await sql`ALTER SYSTEM SET full_page_writes = on`
    await sql.end()
  })
  const alone = told(
    'replication',
    'critical',
    null,
    'This standby has no connection to its primary: what is read here grows old.',
    "See primary_conninfo, the primary itself and this server's log.",
  )
  const asSuperuser = await deepHealth(standby.url())
  expect(problemsIn(asSuperuser.checks)).toEqual([alone])
  expect(asSuperuser.checks.filter(({ status }) => status === 'skipped').map(({ id }) => id)).toEqual([
    'migrations',
    'stale-statistics',
    'unused-indexes',
  ])
  const asVisitor = await deepHealth(standby.url('postgres', 'visitor'))
  expect(problemsIn(asVisitor.checks).filter(({ status }) => status !== 'unknown')).toEqual([alone])
})

/** A segment of 16 MiB each time. */
async function switchWal(server: TestServer, times: number): Promise<void> {
  const sql = connect(server.url(), 1)
  afterTest(() => sql.end({ timeout: 0 }))
  for (let i = 0; i < times; i += 1) {
    await sql`SELECT pg_logical_emit_message(false, 'test', 'x')`
    await sql`SELECT pg_switch_wal()`
  }
  await sql`CHECKPOINT`
}
