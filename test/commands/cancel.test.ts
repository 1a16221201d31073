import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'
import { rowsOf } from '../support/stats.ts'
import { answered } from '../support/terminal.ts'

async function sessionOn(url: string): Promise<{ sql: Sql; pid: number }> {
  const sql = connect(url, 1)
  afterTest(() => sql.end({ timeout: 0 }))
  const [row] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
  return { sql, pid: Number(row?.pid) }
}

/** A session at work, and what becomes of its statement. */
async function busySession(url: string) {
  const { sql, pid } = await sessionOn(url)
  await sql`SELECT set_config('application_name', 'worker', false)`
  const ending = sql`SELECT pg_sleep(60)`.then(
    () => 'done',
    error => error.code as string,
  )
  await expect
    .poll(async () => (await rowsOf(url, 'activity')).find(session => session.pid === pid)?.query)
    .toBe('SELECT pg_sleep(60)')
  return { sql, pid, ending }
}

describe.each(majors())('PostgreSQL %i', major => {
  it('cancels what a session runs, and leaves the session', async () => {
    const { url } = await freshDatabase(major)
    const { sql, pid, ending } = await busySession(url)
    const { code, stdout } = await ops(['cancel', String(pid), '--yes', '--json', '--url', url])
    expect(code).toBe(0)
    expect(documentOf({ stdout })).toEqual({
      schemaVersion: 1,
      database: expect.any(Object),
      pid,
      cancelled: true,
      terminated: false,
      user: 'postgres',
      application: 'worker',
      query: 'SELECT pg_sleep(60)',
    })
    expect(await ending).toBe('57014')
    expect(await sql`SELECT pg_backend_pid() AS pid`).toEqual([{ pid }])
  })

  it('ends a session that is idle in a transaction, which has nothing to cancel', async () => {
    const { url } = await freshDatabase(major)
    const { sql, pid } = await sessionOn(url)
    await sql.unsafe('BEGIN; SELECT 1').simple()
    const refused = await ops(['cancel', String(pid), '--yes', '--url', url])
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `error: Session ${pid} runs nothing that could be cancelled: it is idle in transaction. [nothing-to-cancel]\n  → End the session with its transaction: drizzle-ops cancel ${pid} --terminate.\n`,
    })
    const { code, stdout } = await ops(['cancel', String(pid), '--terminate', '--yes', '--url', url])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Ended session ${pid}: BEGIN; SELECT 1.\n` })
    expect((await rowsOf(url, 'activity')).some(session => session.pid === pid)).toBe(false)
  })

  it('refuses the server and its own processes', async () => {
    const { url, sql } = await freshDatabase(major)
    const [worker] = await sql<{ pid: number; kind: string }[]>`
      SELECT pid, backend_type AS kind FROM pg_stat_activity WHERE backend_type = 'checkpointer'`
    const refused = await ops(['cancel', String(worker?.pid), '--terminate', '--yes', '--json', '--url', url])
    expect(refused.code).toBe(1)
    expect(documentOf(refused)).toMatchObject({
      error: { code: 'not-a-client', message: `${worker?.pid} is no client's session but checkpointer.` },
    })
    const unknown = await ops(['cancel', '2147483647', '--yes', '--json', '--url', url])
    expect(unknown.code).toBe(1)
    expect(documentOf(unknown)).toMatchObject({
      error: { code: 'no-session', message: 'There is no session 2147483647 on this server.' },
    })
  })

  it('asks first', async () => {
    const { url } = await freshDatabase(major)
    const { pid, ending } = await busySession(url)
    const missing = await ops(['cancel', String(pid), '--json', '--url', url])
    expect(missing.code).toBe(2)
    expect(documentOf(missing)).toMatchObject({
      error: { code: 'consent-missing', hint: 'Add --yes to agree beforehand.' },
    })
    const cwd = emptyFolder()
    expect(await answered(['cancel', String(pid), '--url', url], cwd, 'n')).toMatchObject({
      code: 2,
      stdout: '',
    })
    const agreed = await answered(['cancel', String(pid), '--url', url], cwd, 'y')
    expect(agreed.code).toBe(0)
    expect(agreed.stderr).toMatch(
      new RegExp(
        `This cancels what is run by session ${pid} \\(worker of postgres, active since [^)]+\\): SELECT pg_sleep\\(60\\)\\. Go on\\? \\[y/N\\]`,
      ),
    )
    expect(await ending).toBe('57014')
  })

  it('wants a protected database to be named', async () => {
    const { url, name } = await freshDatabase(major)
    const { pid } = await busySession(url)
    const refused = await ops(['cancel', String(pid), '--on', 'another', '--yes', '--json', '--url', url])
    expect(refused.code).toBe(2)
    expect(documentOf(refused)).toMatchObject({ error: { code: 'protected' } })
    expect(await ops(['cancel', String(pid), '--on', name, '--yes', '--url', url])).toMatchObject({ code: 0 })
  })

  it('lets a role stop its own sessions, and says what it needs for those of others', async () => {
    const { url } = await freshDatabase(major)
    const role = await freshRole(undefined, major)
    const own = url.replace('postgres@', `${role.name}@`)
    const others = await busySession(url)
    const refused = await ops(['cancel', String(others.pid), '--yes', '--json', '--url', own])
    expect(refused.code).toBe(1)
    expect(documentOf(refused)).toMatchObject({ error: { code: 'permission-denied', sqlstate: '42501' } })
    const mine = await busySession(own)
    expect(await ops(['cancel', String(mine.pid), '--yes', '--url', own])).toMatchObject({ code: 0 })
    expect(await mine.ending).toBe('57014')
  })
})
