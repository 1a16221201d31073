import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { afterFile } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { picture } from '../support/drizzle.ts'
import { dump } from '../support/dump.ts'
import { migrated } from '../support/migrate.ts'
import { documentOf } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { startServer } from '../support/servers.ts'
import { busyWith } from '../support/sessions.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const rounds = Number(process.env.ROUNDS ?? 5)
const step = (name: string) =>
  `CREATE TABLE ${name} (id int);\n--> statement-breakpoint\nSELECT pg_sleep(0.1);`

/** A second of work in one transaction, between two quick files. */
const migrations = [
  { name: '0000_before', sql: 'CREATE TABLE before (id int)' },
  { name: '0001_slow', sql: ['a', 'b', 'c', 'd', 'e', 'f'].map(step).join('\n--> statement-breakpoint\n') },
  { name: '0002_after', sql: 'CREATE TABLE after (id int)' },
]

describe.each(majors())('on PostgreSQL %i', major => {
  it(`killed ${rounds} times at random moments, leaves nothing half-done and no lock`, {
    timeout: rounds * 20_000,
  }, async () => {
    const undisturbed = await freshDatabase(major)
    await migrated(journalProject(migrations), undisturbed)
    const expected = await picture(undisturbed)
    const freed: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const database = await freshDatabase(major)
      const { root } = journalProject(migrations)
      const args = ['migrate', '--json', '--url', database.url]
      const signalAfter = { signal: 'SIGKILL', seen: /Applying 0001_slow/, ms: randomInt(700) } as const
      await run(args, { cwd: root, signalAfter })
      freed.push(await untilFree(database))
      expect(freed.at(-1)).toBeLessThan(2000)
      const again = await run(args, { cwd: root })
      expect(again.code, again.stdout).toBe(0)
      expect(documentOf(again)).toMatchObject({ pending: [] })
      expect(await picture(database)).toEqual(expected)
    }
    console.log(
      `PostgreSQL ${major}: the lock was free ${Math.max(...freed)} ms after kill -9 at the latest, of ${rounds} times`,
    )
  })

  it.each([
    ['sleeps', 'SELECT pg_sleep(30)'],
    ['computes', 'SELECT count(*) FROM generate_series(1, 1000000000)'],
    ['waits for a lock', 'COMMIT;\n--> statement-breakpoint\nSELECT pg_advisory_lock(4711)'],
  ])('killed while a long statement %s, leaves no lock', async (_, sql) => {
    const database = await freshDatabase(major)
    const other = connect(database.url, 1)
    await other`SELECT pg_advisory_lock(4711)`
    const { root } = journalProject([{ name: '0000_long', sql }])
    await run(['migrate', '--url', database.url], {
      cwd: root,
      signalAfter: { signal: 'SIGKILL', seen: /Applying/, ms: 300 },
    })
    expect(await untilFree(database)).toBeLessThan(2000)
    await other.end()
  })

  it('ended by the server in the middle of a file, leaves nothing of it', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject(migrations)
    const args = ['migrate', '--json', '--url', database.url]
    const running = run(args, { cwd: root })
    const pid = await busyWith(database.sql, 'pg_sleep')
    await database.sql`SELECT pg_terminate_backend(${pid})`
    const ended = await running
    expect(ended.code).toBe(3)
    expect(documentOf(ended)).toMatchObject({
      applied: [{ name: '0000_before' }],
      pending: ['0001_slow', '0002_after'],
      error: { code: 'connection-lost', sqlstate: '57P01' },
    })
    const before = await freshDatabase(major)
    await migrated(journalProject(migrations.slice(0, 1)), before)
    expect(await picture(database)).toEqual(await picture(before))

    const again = await run(args, { cwd: root })
    expect(documentOf(again)).toMatchObject({
      applied: [{ name: '0001_slow' }, { name: '0002_after' }],
      pending: [],
    })
  })
})

it('with the server killed in the middle of a file, leaves nothing of it', async () => {
  const server = await startServer({
    major: newestMajor(),
    tls: false,
    settings: { synchronous_commit: true },
  })
  afterFile(() => server.stop('immediate'))
  const { root } = journalProject(migrations)
  const args = ['migrate', '--json', '--url', server.url()]
  const running = run(args, { cwd: root })
  const before = connect(server.url())
  await busyWith(before, 'pg_sleep')
  await before.end()
  await server.restart('immediate')
  const ended = await running
  expect(ended.code).toBe(3)
  expect(documentOf(ended)).toMatchObject({
    pending: ['0001_slow', '0002_after'],
    error: { code: 'connection-lost' },
  })

  const sql = connect(server.url())
  afterFile(() => sql.end())
  expect(await dump(sql)).not.toContain('public.a ')
  const again = await run(args, { cwd: root })
  expect(documentOf(again)).toMatchObject({
    applied: [{ name: '0001_slow' }, { name: '0002_after' }],
    pending: [],
  })
})

/** Milliseconds until nobody holds an advisory lock of two keys, as the runner's is, in the database. */
async function untilFree({ sql }: TestDatabase): Promise<number> {
  const started = performance.now()
  for (;;) {
    const held = await sql`
      SELECT FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    if (held.length === 0) return Math.round(performance.now() - started)
    await sleep(10)
  }
}
