import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { ops } from '../support/program.ts'
import { startServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import { databaseOn, only, reportOf, rowsOf } from '../support/stats.ts'

const KNOWN = `
  CREATE EXTENSION pg_stat_statements;
  CREATE TABLE held (id serial PRIMARY KEY, word text); CREATE INDEX held_lower ON held (lower(word));
  INSERT INTO held (word) SELECT repeat(md5(i::text), 20) FROM generate_series(1, 2000) AS i; VACUUM ANALYZE held;
  CREATE TABLE free (id serial PRIMARY KEY); INSERT INTO free DEFAULT VALUES; ANALYZE free`

describe.each(majors())('PostgreSQL %i, behind an ALTER TABLE that waits', major => {
  it('answers every report, and waits for no lock', async () => {
    const server = await startServer({
      major,
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        autovacuum: false,
        log_lock_waits: true,
        deadlock_timeout: '100ms',
        log_line_prefix: '<%a> ',
      },
    })
    afterTest(() => server.stop('immediate'))
    const known = await databaseOn(server)
    for (const statement of KNOWN.split(';')) await known.sql.unsafe(statement)
    const exact = await rowsOf(known.url, 'tables', '--table', 'held')
    const [reader, altering] = [known.session(), known.session()]
    await reader.unsafe('BEGIN; SELECT FROM held').simple()
    const alter = altering`ALTER TABLE held ADD COLUMN b int`.catch(() => {})
    await expect.poll(async () => (await rowsOf(known.url, 'blocking')).length).toBe(2)
    for (const { name } of CATALOGUE) await reportOf(known.url, name)
    for (const args of [['snapshot', '-o', 'now.json'], ['erd']])
      expect(await ops(['stats', ...args, '--url', known.url])).toMatchObject({ code: 0, stderr: '' })
    const log = await readFile(server.logFile, 'utf8')
    expect(log).toMatch(/^<postgres\.js> LOG: {2}process \d+ still waiting for AccessExclusiveLock/m)
    expect(log).not.toMatch(/^<drizzle-ops.*still waiting/m)
    const { rows, notes } = await reportOf(known.url, 'tables', '--sort', 'table')
    expect(only(rows, 'table', 'approximate')).toEqual([
      { table: 'free', approximate: false },
      { table: 'held', approximate: true },
    ])
    // what VACUUM noted last lacks only the free space and visibility maps
    const size = Number(exact[0]?.totalBytes)
    expect(Math.abs(Number(rows[1]?.totalBytes) - size) / size).toBeLessThan(0.1)
    expect(notes).toContainEqual({
      message: '1 size is approximate: somebody keeps the relation locked.',
      fix: 'drizzle-ops stats blocking',
    })
    expect(
      only(await rowsOf(known.url, 'indexes', '--table', 'held', '--sort', 'index'), 'index', 'columns'),
    ).toEqual([
      { index: 'held_lower', columns: [null] },
      { index: 'held_pkey', columns: ['id'] },
    ])
    const sequence = (await rowsOf(known.url, 'sequences')).find(({ table }) => table === 'held')
    expect(sequence).toMatchObject({ last: 2000, behind: null, uncompared: true })
    await reader.end()
    await alter
  })

  it('takes no lock but ACCESS SHARE', async () => {
    const server = await startServer({ major, settings: { shared_preload_libraries: 'pg_stat_statements' } })
    afterTest(() => server.stop('immediate'))
    const known = await databaseOn(server)
    for (const statement of KNOWN.split(';')) await known.sql.unsafe(statement)
    const sql = connect(known.url, 1)
    afterTest(() => sql.end())
    const database = {
      sql,
      server: {
        major,
        versionNumber: major * 10_000,
        version: String(major),
        inRecovery: false,
        pooler: 'none',
      },
      identity: { name: known.name, user: 'postgres' },
      query: async (strings: TemplateStringsArray, ...values: never[]) => sql(strings, ...values),
    } as unknown as Database
    const flags = {
      by: 'total',
      query: true,
      all: true,
      nonDefault: false,
      exact: false,
      longerThan: 0,
      sample: 0,
    } as const
    for (const report of CATALOGUE) {
      await sql`BEGIN`
      await report.ask({
        database,
        flags,
        rights: { allStats: true, allData: true },
        scope: { everything: true, partitions: true },
        first: 10,
      })
      const held = await sql<{ mode: string }[]>`
        SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'`
      expect(
        held.map(({ mode }) => mode),
        report.name,
      ).toEqual(['AccessShareLock'])
      await sql`COMMIT`
    }
  })
})
