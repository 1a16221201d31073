import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type CleanupDocument, cleaning } from '../support/cleaning.ts'
import type { TestDatabase } from '../support/databases.ts'
import { pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import { documentOf } from '../support/program.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

/** `KILLS=20` for the whole of it. */
const kills = Number(process.env.KILLS ?? 2)

const policies = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }
const ROWS = 4000
/** Two in five are expired: half of them at one instant, the others each at its own. */
const SESSIONS = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz, token text);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions
  SELECT n, CASE WHEN n % 100 > 40 THEN now() + n * interval '1 hour'
                 WHEN n % 2 = 0 THEN '2020-01-01' ELSE now() - n * interval '1 minute' END, md5(n::text)
  FROM generate_series(1, ${ROWS}) n`
const LEFT = Array.from({ length: ROWS }, (_, index) => index + 1).filter(id => id % 100 > 40)
const GONE = Array.from({ length: ROWS }, (_, index) => index + 1).filter(id => id % 100 <= 40)

const missing = pgBouncerMissing()
if (missing) console.log(`Skipped: cleanup killed behind PgBouncer. ${missing}`)
const ways: readonly [name: string, pooled: boolean][] = [
  ['gone.ndjson', false],
  ['gone.ndjson.gz', false],
  ...(missing ? [] : [['gone.ndjson', true] as [string, boolean]]),
]

const idsIn = (text: string) =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => (JSON.parse(line) as { r: { id: number } }).r.id)

describe.each(majors())('on PostgreSQL %i', major => {
  it.each(ways)(
    `killed ${kills} times at random moments, has archived in %s just what it has deleted (pooled: %s)`,
    { timeout: kills * 60_000 },
    async (name, pooled) => {
      for (let round = 0; round < kills; round += 1) {
        const { database, root } = await cleaning(major, policies, SESSIONS)
        const pool = pooled ? await startPgBouncer({ major, mode: 'transaction' }) : undefined
        const url = pool?.url(database.name) ?? database.url
        const args = ['cleanup', '--yes', '--json', '--batch-size', '40', '--archive', name, '--url', url]
        await run([...args, '--verbose'], {
          cwd: root,
          signalAfter: { signal: 'SIGKILL', seen: /drizzle_ops_runs|candidates/, ms: randomInt(500) },
        })
        await rolledBack(database, pooled)
        if (pooled) await endLease(database)
        const left = await database.sql<{ id: number }[]>`SELECT id FROM sessions`
        const ids = new Set(left.map(({ id }) => id))
        const gone = GONE.filter(id => !ids.has(id))

        const again = await run(args, { cwd: root, timeout: 50_000 })
        // killed behind its end, in the VACUUM: the archive of a finished run is nobody's to write to
        if (gone.length === GONE.length && again.code === 2)
          expect(documentOf(again)).toMatchObject({ error: { code: 'file-exists' } })
        else {
          expect(again.code, `${again.stdout}${again.stderr}`).toBe(0)
          expect(documentOf<CleanupDocument>(again).policies).toMatchObject([
            { deleted: GONE.length - gone.length, stoppedBy: null },
          ])
        }
        const rest = await database.sql<{ id: number }[]>`SELECT id FROM sessions ORDER BY id`
        expect(rest.map(({ id }) => id)).toEqual(LEFT)
        expect(idsIn(textOf(join(root, name))).sort((a, b) => a - b)).toEqual(GONE)
        if (process.env.KILLS) console.log(`${name}, killed after ${gone.length} of ${GONE.length} rows`)
      }
    },
  )

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'at %s finishes the batch, says what is done, and goes on the next time',
    async (signal, code) => {
      const { database, root, cleaned } = await cleaning(major, policies, SESSIONS)
      const stopped = await run(
        [
          'cleanup',
          '--yes',
          '--json',
          '--batch-size',
          '20',
          '--sleep',
          '20ms',
          '--verbose',
          '--url',
          database.url,
        ],
        { cwd: root, signalAfter: { signal, seen: /candidates/, ms: 200 } },
      )
      expect(stopped.code, stopped.stderr.slice(-1000)).toBe(code)
      const document = documentOf<CleanupDocument & { error: { code: string } }>(stopped)
      expect(document).toMatchObject({
        error: { code: 'interrupted' },
        dryRun: false,
        policies: [{ name: 'sessions', stoppedBy: 'signal' }],
      })
      const done = document.policies[0]?.deleted ?? 0
      expect(done).toBeGreaterThan(0)
      expect(done).toBeLessThan(GONE.length)
      const [left] = await database.sql<{ rows: number }[]>`SELECT count(*)::int AS rows FROM sessions`
      expect(left?.rows).toBe(ROWS - done)
      expect((await cleaned()).policies).toMatchObject([
        { deleted: GONE.length - done, resumed: true, cutoff: document.policies[0]?.cutoff },
      ])
    },
  )
})

it('does not resume what the policy no longer asks for', async () => {
  const { database, cleaned } = await cleaning(newestMajor(), policies, SESSIONS)
  expect((await cleaned('--max-rows', '20')).policies).toMatchObject([{ deleted: 20, stoppedBy: 'max-rows' }])
  const spared = await cleaned('--older-than', '39h')
  expect(spared.policies).toMatchObject([{ resumed: false, stoppedBy: null }])
  const [row] = await database.sql<{ rows: number }[]>`
    SELECT count(*)::int AS rows FROM sessions WHERE expires_at BETWEEN now() - interval '38 hours 30 minutes' AND now()`
  expect(row?.rows).toBeGreaterThan(400)
})

/** Until the server has noticed that the client is gone; a pooler keeps the session for others. */
async function rolledBack({ sql }: TestDatabase, pooled: boolean): Promise<void> {
  const open = () => sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'drizzle-ops%' AND (state <> 'idle' OR NOT ${pooled})`
  await expect.poll(open, { timeout: 5000 }).toHaveLength(0)
}

/** As if a minute had gone by. */
async function endLease({ sql }: TestDatabase): Promise<void> {
  const [table] = await sql<
    { made: boolean }[]
  >`SELECT to_regclass('drizzle.drizzle_ops_runs') IS NOT NULL AS made`
  if (table?.made) await sql`UPDATE drizzle.drizzle_ops_runs SET leased_until = now()`
}

function textOf(file: string): string {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}
