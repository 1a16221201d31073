import { describe, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { stockRows } from '../support/drizzle.ts'
import { type MigrateDocument, migrate, migrated, status } from '../support/migrate.ts'
import { type PoolOptions, pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestProject } from '../support/project.ts'
import { busyWith } from '../support/sessions.ts'
import { majors } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const missing = pgBouncerMissing()
if (missing) console.log(`${missing} The tests of poolers are skipped.`)

const schema = { name: '0000_schema', sql: 'CREATE TABLE ran (file text); CREATE TABLE posts (id int)' }
const counted = (name: string) => ({ name, sql: `INSERT INTO ran VALUES ('${name}')` })
const index = { name: '0003_index', sql: 'CREATE INDEX CONCURRENTLY made ON posts (id)' }
const all = [schema, counted('0001_first'), counted('0002_second')]

describe.skipIf(missing).each(majors())('through PgBouncer before PostgreSQL %i', major => {
  describe('in transaction mode', () => {
    it('is known for what it is', async () => {
      const { here, pooled } = await behind({ mode: 'transaction' })
      expect(await poolerOf(here, pooled)).toEqual({ health: 'transaction', doctor: 'transaction' })
      const { problems } = documentOf<{ problems: string[] }>(
        await ops(['doctor', '--json', '--url', pooled.url], { cwd: here.root }),
      )
      expect(problems).toEqual([
        'The URL leads through a transaction pooler: set ops.migrationUrl to the direct one.',
      ])
    })

    it.each([
      ['the latest first', false],
      ['in turn', true],
    ])('is known also where it has several sessions and hands them out %s', async (_, roundRobin) => {
      const { here, pooled } = await behind({ mode: 'transaction', roundRobin })
      await openSessions(pooled, 3)
      for (let time = 0; time < 3; time += 1) {
        expect(await poolerOf(here, pooled)).toEqual({ health: 'transaction', doctor: 'transaction' })
      }
    })

    it('is known also while others use it', async () => {
      const { here, pooled } = await behind({ mode: 'transaction' })
      const sql = connect(pooled.url, 4)
      let busy = true
      const traffic = Array.from({ length: 4 }, async () => {
        while (busy) await sql`SELECT pg_sleep(random() / 200)`
      })
      for (let time = 0; time < 5; time += 1) {
        expect(await poolerOf(here, pooled)).toEqual({ health: 'transaction', doctor: 'transaction' })
      }
      busy = false
      await Promise.all(traffic)
      await sql.end()
    })

    it('migrates four at once, each file once', async () => {
      const { here, pooled, database } = await behind({ mode: 'transaction' })
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => start(here, pooled)))
      expect(outcomes.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0, 0, 0])
      const documents = outcomes.map(outcome => documentOf<MigrateDocument>(outcome))
      expect(documents.flatMap(({ applied }) => applied)).toHaveLength(3)
      expect(documents.map(({ applied, alreadyApplied }) => applied.length + alreadyApplied)).toEqual([
        3, 3, 3, 3,
      ])
      expect(await ran(database)).toEqual(['0001_first', '0002_second'])
      expect(await stockRows(database.sql)).toHaveLength(3)
      expect(await status(here, pooled)).toMatchObject({ upToDate: true, counts: { applied: 3 } })
    })

    it('refuses a file that needs a session before it applies any', async () => {
      const { pooled, database } = await behind({ mode: 'transaction' })
      const { code, document } = await migrate(journalProject([...all, index]), pooled)
      expect(code).toBe(1)
      expect(document).toMatchObject({
        applied: [],
        pending: ['0000_schema', '0001_first', '0002_second', '0003_index'],
        error: {
          code: 'pooler',
          message:
            '0003_index, which cannot run in a transaction, needs one session from beginning to end, and this URL leads through a transaction pooler.',
          hint: 'Give the direct URL: ops.migrationUrl in drizzle.config.ts, or --url-env DIRECT_URL.',
        },
      })
      expect(await database.dump()).not.toContain('posts')
    })

    it('leaves no setting in the pool, nor to the next file', async () => {
      const { pooled, database } = await behind({ mode: 'transaction', size: 1 })
      const sets = `SET lock_timeout = '9s'; SET statement_timeout = '8s'; SET search_path = nowhere; SET ROLE pg_monitor;
        SELECT set_config('TimeZone', 'Asia/Kathmandu', false); RESET ROLE`
      const look = `INSERT INTO public.ran SELECT concat_ws(' ', current_user, current_setting('lock_timeout'),
        current_setting('statement_timeout'), current_setting('search_path'), current_setting('TimeZone'))`
      const files = [look, sets, look].map((sql, at) => ({ name: `000${at + 1}_x`, sql }))
      await migrated(journalProject([schema, ...files]), pooled)
      const [before, after] = await ran(database)
      expect(before).toBe('postgres 300ms 0 "$user", public UTC')
      expect(after).toBe(before)
      expect(await settings(pooled)).toEqual(await settings(database))
    })

    it('waits for no table longer than a moment at a time', async () => {
      const { pooled, database } = await behind({ mode: 'transaction' })
      await migrated(journalProject([schema]), pooled)
      const sql = connect(database.url, 1)
      await sql.unsafe('BEGIN; LOCK TABLE posts')
      const alter = { name: '0001_alter', sql: 'ALTER TABLE posts ADD COLUMN body text' }
      const refused = await migrate(journalProject([schema, alter]), pooled, ['--lock-wait', '500ms'])
      expect(refused).toMatchObject({ code: 5, document: { applied: [], pending: ['0001_alter'] } })
      const waiting = start(journalProject([schema, alter]), pooled)
      await busyWith(database.sql, 'ALTER TABLE')
      await sql.unsafe('COMMIT')
      await sql.end()
      expect(await waiting).toMatchObject({ code: 0 })
    })

    it('names who holds the lock, and gives it up with the process', async () => {
      const { pooled, database } = await behind({ mode: 'transaction' })
      const slow = journalProject([{ name: '0000_slow', sql: 'SELECT pg_sleep(8)' }])
      const holder = run(['migrate', '--url', pooled.url], {
        cwd: slow.root,
        signalAfter: { signal: 'SIGKILL', seen: /Applying/, ms: 1500 },
      })
      const pid = await busyWith(database.sql, 'pg_sleep')
      expect(await migrate(slow, pooled, ['--lock-wait', '0'])).toMatchObject({
        code: 5,
        document: {
          error: { code: 'lock-held', message: expect.stringContaining(`pid ${pid} (drizzle-ops migrate,`) },
        },
      })
      expect(await holder).toMatchObject({ signal: 'SIGKILL' })
      await expect.poll(() => advisoryLocks(database), { timeout: 2000, interval: 20 }).toBe(0)
      expect(await database.dump()).not.toContain('__drizzle_migrations')
    })
  })

  describe('in session mode', () => {
    it('is known for what it is', async () => {
      const { here, pooled } = await behind({ mode: 'session' })
      expect(await poolerOf(here, pooled)).toEqual({ health: 'session', doctor: 'session' })
    })

    it('migrates four at once, also files that need a session', async () => {
      const { pooled, database } = await behind({ mode: 'session', size: 20 })
      const here = journalProject([...all, index])
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => start(here, pooled)))
      expect(outcomes.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0, 0, 0])
      expect(await ran(database)).toEqual(['0001_first', '0002_second'])
      expect(await stockRows(database.sql)).toHaveLength(4)
    })

    it('with a single session is treated as the stricter kind', async () => {
      const { here, pooled, database } = await behind({ mode: 'session', size: 1 })
      expect(await migrated(here, pooled)).toMatchObject({ applied: [{}, {}, {}] })
      expect(await stockRows(database.sql)).toHaveLength(3)
    })
  })

  /** A project and an empty database, by itself and through a pool. */
  async function behind(options: Omit<PoolOptions, 'major'>) {
    const database = await freshDatabase(major)
    const pool = await startPgBouncer({ major, ...options })
    return { database, pooled: { url: pool.url(database.name) }, here: journalProject(all) }
  }
})

type Pooled = Pick<TestDatabase, 'url'>

function start({ root }: TestProject, { url }: Pooled) {
  return run(['migrate', '--json', '--url', url], { cwd: root })
}

async function poolerOf({ root }: TestProject, { url }: Pooled) {
  const health = documentOf<{ server: { pooler: string } }>(
    await ops(['health', '--json', '--url', url], { cwd: root }),
  )
  const doctor = documentOf<{ facts: { name: string; value: unknown }[] }>(
    await ops(['doctor', '--json', '--url', url], { cwd: root }),
  )
  return { health: health.server.pooler, doctor: doctor.facts.find(({ name }) => name === 'pooler')?.value }
}

/** Lets the pool have so many sessions, all idle in the end. */
async function openSessions({ url }: Pooled, count: number): Promise<void> {
  const clients = Array.from({ length: count }, () => connect(url, 1))
  for (const sql of clients) await sql.unsafe('BEGIN')
  for (const sql of clients) await sql.unsafe('COMMIT')
  for (const sql of clients) await sql.end()
}

async function ran({ sql }: TestDatabase): Promise<string[]> {
  return (await sql<{ file: string }[]>`SELECT file FROM ran ORDER BY file`).map(({ file }) => file)
}

/** What a new client finds set. */
async function settings({ url }: Pooled): Promise<object> {
  const sql = connect(url, 1)
  const rows = await sql<{ name: string; setting: string }[]>`
    SELECT name, setting FROM pg_settings
    WHERE name IN ('lock_timeout', 'statement_timeout', 'search_path', 'TimeZone', 'role', 'session_authorization',
      'application_name', 'client_connection_check_interval', 'default_transaction_read_only')`
  await sql.end()
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
}

async function advisoryLocks({ sql }: TestDatabase): Promise<number> {
  const held = await sql`
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  return held.length
}
