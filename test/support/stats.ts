import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import { expect } from 'vitest'
import type { StatsResult } from '../../src/stats/run.ts'
import { afterFile, afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import type { Settings } from './configuration.ts'
import { documentOf, emptyFolder, ops } from './program.ts'
import type { PostgresMajor } from './runtimes.ts'
import { startServer, type TestServer } from './servers.ts'

export type Rows = Record<string, unknown>[]

export interface StatsDocument extends Omit<StatsResult, 'rows'> {
  readonly schemaVersion: 1
  readonly rows: Rows
}

/** A server of the file's own: nobody else has sessions on it, and no autovacuum changes what is counted. */
export async function quietServer(major: PostgresMajor, settings: Settings = {}): Promise<TestServer> {
  const server = await startServer({
    major,
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      track_io_timing: true,
      autovacuum: false,
      max_prepared_transactions: 5,
      wal_level: 'logical',
      ...settings,
    },
  })
  afterFile(() => server.stop('immediate'))
  return server
}

export interface KnownDatabase {
  readonly name: string
  readonly url: string
  readonly sql: Sql
  as(role: string): string
  /** A connection of its own, which may have a transaction open. */
  session(): Sql
}

/** A database of the server, made by SQL; it goes with the test, or with the file if it was made outside of one. */
export async function databaseOn(server: TestServer, script = ''): Promise<KnownDatabase> {
  const name = `stats_${randomBytes(6).toString('hex')}`
  const admin = connect(server.url(), 1)
  await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`)
  const url = server.url(name)
  const sql = connect(url, 1)
  const sessions: Sql[] = [sql]
  afterTest(async () => {
    for (const each of sessions) await each.end({ timeout: 0 })
    await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  })
  if (script !== '') await sql.unsafe(script).simple()
  const session = () => {
    const own = connect(url, 1)
    sessions.push(own)
    return own
  }
  return { name, url, sql, as: role => server.url(name, role), session }
}

/** The document of a report that succeeds, from a folder without a project. */
export async function reportOf(
  url: string,
  report: string,
  ...flags: readonly string[]
): Promise<StatsDocument> {
  const outcome = await ops(['stats', report, '--json', '--sample', '0', ...flags, '--url', url], {
    cwd: emptyFolder(),
  })
  expect(outcome, `stats ${report}`).toMatchObject({ code: 0, stderr: '' })
  return documentOf<StatsDocument>(outcome)
}

export async function rowsOf(url: string, report: string, ...flags: readonly string[]): Promise<Rows> {
  return (await reportOf(url, report, ...flags)).rows
}

/** Each row with these keys only. */
export function only(rows: Rows, ...keys: readonly string[]): Rows {
  return rows.map(row => Object.fromEntries(keys.map(key => [key, row[key]])))
}
