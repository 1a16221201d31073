import { readFile, truncate } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  configured,
  deepHealth,
  healthyServer,
  type OwnDatabase,
  ownDatabase,
  problemsIn,
  problemsOf,
} from '../support/health.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('sessions on PostgreSQL %i', major => {
  let server: TestServer
  beforeAll(async () => {
    server = await healthyServer(major, {
      log_lock_waits: true,
      deadlock_timeout: '100ms',
      log_connections: true,
      log_line_prefix: '<%a> ',
    })
  })

  it('a waiting ALTER TABLE that readers queue behind warns at once and names the root', async () => {
    const database = await ownDatabase(server)
    const { url, as } = database
    await database.sql`CREATE TABLE posts (id int PRIMARY KEY)`
    const jam = await jammed(database)
    const expected = (root: string) => [
      expect.objectContaining({
        id: 'blocked-sessions',
        status: 'warn',
        object: 'public.posts',
        unit: 's',
        thresholds: { warn: 60, critical: 120 },
        message: expect.stringMatching(
          new RegExp(
            `^2 sessions wait for [\\d.]+m?s now behind process ${jam.root} \\(${root}\\)\\. Process ${jam.alter} wants public\\.posts for itself \\(ACCESS EXCLUSIVE\\), and everyone who needs it queues behind that\\.$`,
          ),
        ),
        fix: `SELECT pg_terminate_backend(${jam.root});`,
      }),
    ]
    expect(await problemsOf(url)).toEqual(
      expected('user postgres, application postgres\\.js, idle in transaction, for [\\d.]+m?s'),
    )
    await database.sql.unsafe('DROP ROLE IF EXISTS visitor; CREATE ROLE visitor LOGIN').simple()
    expect(await problemsOf(as('visitor'), ['--only', 'blocked-sessions'])).toEqual(
      expected('user postgres, application postgres\\.js, state not visible'),
    )
    await jam.end()
  })

  it('two writers of one row are not yet a warning', async () => {
    const { url, sql, session } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY)`
    await sql`INSERT INTO posts VALUES (1)`
    const [first, second] = [session(), session()]
    await first`BEGIN`
    await first`UPDATE posts SET id = 2`
    const blocked = second`UPDATE posts SET id = 3`.execute()
    await waiters(sql, 1)
    const { checks } = await deepHealth(url, ['--only', 'blocked-sessions'])
    expect(checks).toEqual([
      expect.objectContaining({
        status: 'ok',
        fix: null,
        message: expect.stringMatching(/^1 session waits for [\d.]+m?s now behind process \d+ \(/),
      }),
    ])
    const judged = await problemsOf(
      url,
      [],
      configured({ 'blocked-sessions': { warn: 0.001, critical: 0.002 } }),
    )
    expect(judged.map(({ id, status }) => `${id} ${status}`)).toEqual(['blocked-sessions critical'])
    await first`ROLLBACK`
    await blocked
  })

  it('a session that idles in its transaction is told by the right check', async () => {
    const { url, session } = await ownDatabase(server)
    const idle = session()
    await idle`SET application_name = 'worker'`
    await idle`BEGIN`
    const [own] = await idle<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
    expect(await problemsOf(url)).toEqual([])
    const strict = configured({ 'idle-in-transaction': { warn: 0.001 } })
    expect(await problemsOf(url, [], strict)).toEqual([
      expect.objectContaining({
        id: 'idle-in-transaction',
        status: 'warn',
        object: null,
        unit: 's',
        thresholds: { warn: 0.001, critical: 300 },
        message: expect.stringMatching(
          new RegExp(
            `^1 session is idle in a transaction, first process ${own.pid} \\(user postgres, application worker, idle in transaction, for [\\d.]+m?s\\): it keeps its locks and holds back VACUUM\\.$`,
          ),
        ),
        fix: `SELECT pg_terminate_backend(${own.pid}); and set idle_in_transaction_session_timeout.`,
      }),
    ])
    await idle`ROLLBACK`
  })

  it('a long transaction and what it holds back are told, a dump is not', async () => {
    const { url, sql, session } = await ownDatabase(server)
    const old = session()
    await old`BEGIN ISOLATION LEVEL REPEATABLE READ`
    await old`SELECT 1`
    for (let i = 0; i < 20; i += 1) await sql`SELECT pg_current_xact_id()`
    const running = old`SELECT pg_sleep(60)`.catch(error => error.code)
    await expect
      .poll(
        () =>
          sql`SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid()`,
      )
      .toHaveLength(1)
    expect(await problemsOf(url)).toEqual([])
    const strict = configured({ 'long-transaction': { warn: 0.001 }, 'xmin-horizon': { critical: 10 } })
    expect(
      (await problemsOf(url, [], strict)).map(({ id, status, value }) => ({ id, status, value })),
    ).toEqual([
      { id: 'long-transaction', status: 'warn', value: expect.any(Number) },
      { id: 'xmin-horizon', status: 'critical', value: expect.any(Number) },
    ])
    await sql`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()`
    expect(await running).toBe('57014')
    await old`ROLLBACK`
    await old`SET application_name = 'pg_dump'`
    await old`BEGIN`
    const again = await deepHealth(url, ['--only', 'long-transaction'], strict)
    expect(again.checks).toEqual([
      expect.objectContaining({ status: 'ok', message: 'No transaction is open.' }),
    ])
    await old`ROLLBACK`
  })

  it('a prepared transaction is told by its name', async () => {
    const { url, sql, session } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY)`
    await session().unsafe(`BEGIN; INSERT INTO posts VALUES (1); PREPARE TRANSACTION 'it''s mine'`).simple()
    expect(await problemsOf(url)).toEqual([])
    const blocked = sql`ALTER TABLE posts ADD COLUMN title text`.execute()
    await waiters(sql, 1)
    const strict = configured({ 'prepared-transactions': { warn: 0.001 } })
    expect(await problemsOf(url, ['--skip', 'blocked-sessions'], strict)).toEqual([
      expect.objectContaining({
        id: 'prepared-transactions',
        status: 'warn',
        object: "it's mine",
        message: expect.stringMatching(
          /^The transaction it's mine of postgres has been prepared for [\d.]+m?s: until it ends, it keeps its locks and holds back VACUUM\.$/,
        ),
        fix: `COMMIT PREPARED 'it''s mine'; or ROLLBACK PREPARED 'it''s mine';`,
      }),
    ])
    const { checks } = await deepHealth(url, ['--only', 'blocked-sessions'])
    expect(checks[0]).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^1 session waits for [\d.]+m?s now behind a prepared transaction\.$/),
    })
    await sql.unsafe(`ROLLBACK PREPARED 'it''s mine'`)
    await blocked
  })

  it('the age of the oldest rows is told per database', async () => {
    const { url, sql, name } = await ownDatabase(server)
    await sql`CREATE TABLE old (id int PRIMARY KEY)`
    for (let i = 0; i < 20; i += 1) await sql`SELECT pg_current_xact_id()`
    const found = await problemsOf(
      url,
      ['--only', 'wraparound'],
      configured({ wraparound: { warn: 5, critical: null } }),
    )
    expect(found.find(({ object }) => object === name)).toMatchObject({
      status: 'warn',
      unit: 'transactions',
      message: expect.stringMatching(
        new RegExp(
          `^The oldest rows of ${name} lie \\d+ transactions back; near 2,146,000,000 the server takes no more writes\\.$`,
        ),
      ),
      fix: expect.stringMatching(/^VACUUM \(FREEZE\) "\w+"\."\w+", /),
    })
    expect(await problemsOf(url)).toEqual([])
  })

  it('waits for nobody and takes no lock that anybody would notice', async () => {
    const { url, sql, session } = await ownDatabase(server)
    await sql`CREATE TABLE users (id serial PRIMARY KEY, expires_at timestamp)`
    await sql`CREATE INDEX users_expires_at_idx ON users (expires_at)`
    await sql`CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int REFERENCES users, deleted_at timestamptz)`
    await sql`CREATE INDEX posts_some_idx ON posts (user_id) WHERE deleted_at IS NOT NULL`
    const free = await deepHealth(url)
    expect(problemsIn(free.checks)).toEqual([])

    // EXCLUSIVE of tables, and what ALTER SEQUENCE takes, conflict with all but ACCESS SHARE, and ROW SHARE of sequences
    const writer = session()
    await writer.unsafe(
      'BEGIN; LOCK TABLE users, posts IN EXCLUSIVE MODE; ALTER SEQUENCE users_id_seq CACHE 2; ALTER SEQUENCE posts_id_seq CACHE 2',
    )
    const beside = await deepHealth(url)
    expect(verdicts(beside.checks)).toEqual(verdicts(free.checks))
    await writer`ROLLBACK`

    await truncate(server.logFile)
    const reader = session()
    const alter = session()
    await reader.unsafe('BEGIN; SELECT FROM users, posts')
    const altering = alter`ALTER TABLE users ADD COLUMN name text`.execute()
    await waiters(sql, 1)
    const waited = await deepHealth(url)
    await expect.poll(() => readFile(server.logFile, 'utf8')).toMatch(/^<postgres\.js> .*still waiting/m)
    const log = await readFile(server.logFile, 'utf8')
    expect(log).not.toMatch(/^<drizzle-ops.*still waiting/m)
    expect(log.match(/^.*connection authorized.*application_name=drizzle-ops health/gm)).toHaveLength(1)
    const unseen = waited.checks.filter(({ status }) => status === 'unknown')
    expect(unseen.map(({ id, message }) => `${id}: ${message}`)).toEqual([
      'sequence-behind: Somebody locks the sequence public.users_id_seq, or what they fill, just now.',
    ])
    const others = (checks: typeof free.checks) =>
      verdicts(checks.filter(({ id }) => !['blocked-sessions', 'sequence-behind'].includes(id)))
    expect(others(waited.checks)).toEqual(others(free.checks))
    await reader`ROLLBACK`
    await altering
  })
})

function verdicts(checks: readonly { id: string; status: string; object: string | null }[]) {
  return checks.map(({ id, status, object }) => `${id} ${status} ${object}`)
}

/** A reader in its transaction, an ALTER TABLE that waits for it, and a reader that waits for that. */
async function jammed({ sql, session }: OwnDatabase) {
  const [holder, alter, reader] = [session(), session(), session()]
  await holder`BEGIN`
  await holder`SELECT FROM posts`
  const pids = await Promise.all([holder, alter].map(pidOf))
  const altering = alter`ALTER TABLE posts ADD COLUMN title text`.execute()
  await waiters(sql, 1)
  const reading = reader`SELECT FROM posts`.execute()
  await waiters(sql, 2)
  return {
    root: pids[0],
    alter: pids[1],
    end: async () => {
      await holder`ROLLBACK`
      await Promise.all([altering, reading])
    },
  }
}

async function pidOf(session: Sql): Promise<number> {
  const [row] = await session<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
  return row.pid
}

async function waiters(sql: Sql, count: number): Promise<void> {
  await expect
    .poll(() => sql`SELECT DISTINCT pid FROM pg_locks WHERE NOT granted`, { interval: 10 })
    .toHaveLength(count)
}
