import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { expectNoSession } from '../support/sessions.ts'

const ENTER = '\u001B[?1049h\u001B[?25l'
const LEAVE = '\u001B[?25h\u001B[?1049l'

/** Returns once the tables have been looked at. */
async function firstLook(sql: Sql): Promise<void> {
  for (;;) {
    const [session] = await sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'drizzle-ops stats' AND state = 'idle'
        AND strpos(query, 'locked AS MATERIALIZED') > 0`
    if (session) return
    await sleep(20)
  }
}

describe('stats --watch', () => {
  it('prints a line for each look, on one connection, until it is interrupted', async () => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE t (id int)`
    const pids = new Set<number>()
    const { code, stdout, stderr } = await ops(['stats', 'traffic', '--watch', '0.5', '--url', url], {
      interrupt: {
        signal: 'SIGINT',
        after: async () => {
          await firstLook(sql)
          // a session tells of its work when it ends at the latest
          const writing = connect(url, 1)
          await writing`INSERT INTO t SELECT generate_series(1, 10)`
          await writing.end()
          for (let looks = 0; looks < 12; looks += 1) {
            const sessions = await sql<{ pid: number }[]>`
              SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'drizzle-ops stats'`
            for (const { pid } of sessions) pids.add(pid)
            await sleep(250)
          }
        },
      },
    })
    const looks = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
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

  it("draws on a terminal's other screen and leaves it", async () => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE t (id int)`
    const { code, stdout } = await ops(['stats', 'traffic', '--watch', '--color', 'never', '--url', url], {
      columns: 100,
      interrupt: { signal: 'SIGTERM', after: () => sleep(600) },
    })
    expect(code).toBe(0)
    expect(stdout.startsWith(`${ENTER}\u001B[H`)).toBe(true)
    expect(stdout.endsWith(LEAVE)).toBe(true)
    expect(stdout).toContain('│ schema │ table │ rows read │')
  })

  it('says when counters were reset', async () => {
    const { url, sql } = await freshDatabase()
    await sql`CREATE TABLE t (id int)`
    const writing = connect(url, 1)
    await writing`INSERT INTO t SELECT generate_series(1, 10)`
    await writing.end()
    const { stdout } = await ops(['stats', 'traffic', '--watch', '0.5', '--url', url], {
      interrupt: {
        signal: 'SIGINT',
        after: async () => {
          await firstLook(sql)
          const resetting = connect(url, 1)
          await resetting`SELECT pg_stat_reset()`
          await resetting.end()
          await sleep(1200)
        },
      },
    })
    const looks = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
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
