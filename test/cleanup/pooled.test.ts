import { expect, it } from 'vitest'
import { type CleanupDocument, cleaning } from '../support/cleaning.ts'
import { pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import { documentOf, ops } from '../support/program.ts'
import { newestMajor } from '../support/shared-servers.ts'

const policies = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }
const SESSIONS = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions SELECT n, now() + (n - 400.5) * interval '1 minute' FROM generate_series(1, 1000) n`

const missing = pgBouncerMissing()
if (missing) console.log(`Skipped: cleanup behind PgBouncer. ${missing}`)

it.skipIf(missing)('works behind a transaction pooler, one run at a time', async () => {
  const { database, root } = await cleaning(newestMajor(), policies, SESSIONS)
  const pool = await startPgBouncer({ major: newestMajor(), mode: 'transaction', roundRobin: true })
  const args = ['cleanup', '--yes', '--json', '--batch-size', '20', '--url', pool.url(database.name)]
  const slow = ops([...args, '--sleep', '50ms'], { cwd: root })
  await expect
    .poll(async () => {
      const [row] = await database.sql<{ rows: number }[]>`SELECT count(*)::int AS rows FROM sessions`
      return row?.rows
    })
    .toBeLessThan(1000)
  const second = await ops(args, { cwd: root })
  expect(second.code, second.stderr).toBe(5)
  expect(documentOf(second)).toMatchObject({ policies: [{ deleted: 0, stoppedBy: 'running' }] })
  const first = await slow
  expect(first.code, first.stderr).toBe(0)
  expect(documentOf<CleanupDocument>(first).policies).toMatchObject([
    { deleted: 400, stoppedBy: null, vacuum: 'done' },
  ])
  expect(await database.sql`SELECT FROM sessions`).toHaveLength(600)
})

it.skipIf(missing)('takes over from a run that was killed, once its lease is over', async () => {
  const { database, root, cleaned } = await cleaning(newestMajor(), policies, SESSIONS)
  const pool = await startPgBouncer({ major: newestMajor(), mode: 'transaction' })
  await cleaned('--max-rows', '100')
  const args = ['cleanup', '--yes', '--json', '--url', pool.url(database.name)]
  await database.sql`UPDATE drizzle.drizzle_ops_runs SET stopped_by = NULL, leased_until = now() + interval '1 minute'`
  expect((await ops(args, { cwd: root })).code).toBe(5)
  await database.sql`UPDATE drizzle.drizzle_ops_runs SET leased_until = now()`
  const taken = await ops(args, { cwd: root })
  expect(taken.code, taken.stderr).toBe(0)
  expect(documentOf(taken)).toMatchObject({ policies: [{ deleted: 300, resumed: true, stoppedBy: null }] })
})
