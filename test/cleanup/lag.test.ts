import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { CleanupDocument } from '../support/cleaning.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { documentOf, emptyFolder, ops, type ProgramOptions } from '../support/program.ts'
import { write } from '../support/project.ts'
import { startServer } from '../support/servers.ts'
import { newestMajor } from '../support/shared-servers.ts'
import { startStreamingStandby } from '../support/streaming.ts'

const CONFIG = `export default { dialect: 'postgresql' }
export const ops = { cleanup: { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } } }
`

it('waits for a standby that is behind, and says where it cannot see any', { timeout: 60_000 }, async () => {
  const primary = await startServer({ major: newestMajor() })
  afterTest(() => primary.stop('immediate'))
  const sql = connect(primary.url())
  afterTest(() => sql.end())
  await sql.unsafe(`
    CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz);
    CREATE INDEX ON sessions (expires_at);
    INSERT INTO sessions SELECT n, now() + (n - 40.5) * interval '1 hour' FROM generate_series(1, 100) n;
    CREATE ROLE cleaner LOGIN;
    GRANT SELECT, DELETE ON sessions TO cleaner`)
  const standby = connect((await startStreamingStandby(primary)).url(), 1)
  afterTest(() => standby.end())
  const root = emptyFolder()
  write(join(root, 'drizzle.config.ts'), CONFIG)
  const cleanup = (user: string, args: readonly string[], options: Partial<ProgramOptions> = {}) =>
    ops(
      ['cleanup', '--yes', '--json', '--url', primary.url('postgres', user), '--batch-size', '10', ...args],
      { cwd: root, ...options },
    )
  const rows = async () => (await sql`SELECT FROM sessions`).length

  await standby`SELECT pg_wal_replay_pause()`
  await sql`UPDATE sessions SET expires_at = expires_at - interval '1 second' WHERE id = 1`
  const behind = () => sql`SELECT FROM pg_stat_replication WHERE replay_lag > interval '500 ms'`
  await expect.poll(behind, { timeout: 20_000 }).toHaveLength(1)

  const stopped = await cleanup('postgres', ['--max-lag', '500ms'], {
    interrupt: { signal: 'SIGTERM', seen: /waiting/ },
  })
  expect(stopped).toMatchObject({
    code: 143,
    stderr: expect.stringMatching(/^A standby is \d+\.\ds behind; waiting for it\.\n/),
  })
  expect(documentOf<CleanupDocument>(stopped).policies).toMatchObject([{ deleted: 0, stoppedBy: 'signal' }])
  expect(await rows()).toBe(100)

  const blind = await cleanup('cleaner', ['--max-lag', '500ms', '--max-rows', '10'])
  expect(blind.stderr.split('\n')).toContain(
    'This role does not see how far the standbys are behind, so --max-lag waits for none. As a superuser: GRANT pg_monitor TO "cleaner".',
  )
  expect(documentOf<CleanupDocument>(blind).policies).toMatchObject([{ deleted: 10 }])

  const waiting = cleanup('postgres', ['--max-lag', '500ms'])
  const looks = new Set<string>()
  await expect
    .poll(
      async () => {
        const seen = await sql<{ at: string }[]>`
          SELECT query_start::text AS at FROM pg_stat_activity
          WHERE application_name = 'drizzle-ops cleanup' AND query LIKE '%pg_stat_replication%'`
        for (const { at } of seen) looks.add(at)
        return looks.size
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(2)
  expect(await rows()).toBe(90)
  await standby`SELECT pg_wal_replay_resume()`
  expect(documentOf<CleanupDocument>(await waiting).policies).toMatchObject([
    { deleted: 30, stoppedBy: null },
  ])
})
