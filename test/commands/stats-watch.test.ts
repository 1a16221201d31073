import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { alone } from '../support/health.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { expectNoSession } from '../support/sessions.ts'

const ENTER = '\u001B[?1049h\u001B[?25l'
const LEAVE = '\u001B[?25h\u001B[?1049l'

/** Returns once the tables have been looked at, by a look that began after that moment on the server's clock. */
async function looked(sql: Sql, after = '-infinity'): Promise<void> {
  await expect
    .poll(
      () => sql`
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'drizzle-ops stats' AND state = 'idle'
          AND strpos(query, 'locked AS MATERIALIZED') > 0 AND query_start > ${after}::text::timestamptz`,
      { interval: 20, timeout: 20_000 },
    )
    .toHaveLength(1)
}

async function now(sql: Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`SELECT clock_timestamp()::text AS at`
  return String(row?.at)
}

/** Ten rows, and nothing more of that session to be counted. */
async function tenRows({ url, sql }: Pick<TestDatabase, 'url' | 'sql'>): Promise<void> {
  const writing = connect(url, 1)
  await writing`INSERT INTO t SELECT generate_series(1, 10)`
  await writing.end()
  await expect
    .poll(() => sql`SELECT n_tup_ins::int AS rows FROM pg_stat_all_tables WHERE relname = 't'`, {
      timeout: 10_000,
    })
    .toEqual([{ rows: 10 }])
}

describe('stats --watch', () => {
  it('prints a line for each look, on one connection, until it is interrupted', async () => {
    const database = await freshDatabase()
    const { url, sql } = database
    await sql`CREATE TABLE t (id int)`
    const pids = new Set<number>()
    const { code, stdout, stderr } = await ops(['stats', 'traffic', '--watch', '0.5', '--url', url], {
      interrupt: {
        signal: 'SIGINT',
        after: async () => {
          await looked(sql)
          await tenRows(database)
          for (let looks = 0; looks < 3; looks += 1) {
            await looked(sql, await now(sql))
            const sessions = await sql<{ pid: number }[]>`
              SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'drizzle-ops stats'`
            for (const { pid } of sessions) pids.add(pid)
          }
        },
      },
    })
    const looks = looksIn(stdout)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(looks.length).toBeGreaterThan(3)
    expect(looks[0]).toMatchObject({ report: 'traffic', intervalMs: null, reset: false })
    expect(looks[1].intervalMs).toBeGreaterThanOrEqual(350)
    const deltas = looks.map(({ rows }) => rows[0].rowsWrittenDelta)
    expect(deltas[0]).toBeNull()
    expect(deltas.slice(1).reduce((sum, delta) => sum + delta, 0)).toBe(10)
    expect(pids.size).toBe(1)
    await expectNoSession(sql)
  })

  it("draws on a terminal's other screen what has grown, and leaves it", async () => {
    const database = await freshDatabase()
    const { url, sql } = database
    await sql`CREATE TABLE t (id int)`
    const flags = ['--watch', '0.5', '--color', 'never', '--url', url]
    const { code, stdout } = await ops(['stats', 'traffic', ...flags], {
      columns: 140,
      interrupt: {
        signal: 'SIGTERM',
        after: async () => {
          await looked(sql)
          await tenRows(database)
          await looked(sql, await now(sql))
        },
      },
    })
    expect(code).toBe(0)
    expect(stdout.startsWith(`${ENTER}\u001B[H`)).toBe(true)
    expect(stdout.endsWith(LEAVE)).toBe(true)
    const [first = '', ...later] = stdout.split('\u001B[H').slice(1)
    expect(first).toContain('│ schema │ table │ rows read │')
    expect(first).not.toContain('+ rows written')
    expect(later.join('')).toMatch(/│ \+ rows written │/)
  })

  it('says when counters were reset', async () => {
    const database = await freshDatabase()
    const { url, sql } = database
    await sql`CREATE TABLE t (id int)`
    await tenRows(database)
    const { stdout } = await ops(['stats', 'traffic', '--watch', '0.5', '--url', url], {
      interrupt: {
        signal: 'SIGINT',
        after: async () => {
          await looked(sql)
          await alone(url, 'SELECT pg_stat_reset()')
          await looked(sql, await now(sql))
        },
      },
    })
    const looks = looksIn(stdout)
    expect(looks.filter(({ reset }) => reset)).toHaveLength(1)
    const { notes, rows } = looks.find(({ reset }) => reset)
    expect(notes[0]).toEqual({ message: 'Reset detected: the counters began anew.', fix: null })
    expect(rows[0].rowsWrittenDelta).toBeNull()
  })

  it('ends by itself when nobody reads any more', async () => {
    const { url, sql } = await freshDatabase()
    const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')
    const child = spawn(process.execPath, [program, 'stats', 'tables', '--watch', '0.5', '--url', url], {
      env: { PATH: process.env.PATH, HOME: emptyFolder() },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await ended).toEqual([0, null])
    expect(stderr).toBe('')
    await expectNoSession(sql)
  })

  it.each(['0.4', '100ms', 'often'])('refuses the interval %s', async interval => {
    const { code, stdout } = await ops(['stats', '--json', '--watch', interval])
    expect(code).toBe(2)
    expect(documentOf({ stdout })).toMatchObject({ error: { code: 'usage' } })
  })
})

function looksIn(stdout: string) {
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}
