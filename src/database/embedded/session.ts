import { setTimeout as sleep } from 'node:timers/promises'
import postgres, { type Sql } from 'postgres'
import { superuser } from './cluster.ts'
import { host } from './port.ts'

/** `application_name` of a session that keeps the server up. */
const holding = 'drizzle-ops embedded'

/** `application_name` of a session that no longer counts. */
const leaving = 'drizzle-ops (leaving)'

/** Milliseconds for the backends of connections that this command has just closed to go; they take 1 or 2. */
const lingering = 200

/** Seconds for one attempt to connect. */
const connectTimeout = 5

/** SQLSTATEs of a server that comes or goes, and of a socket that does: try again. */
const passing = new Set([
  '57P01',
  '57P02',
  '57P03',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
])

/** A connection that does nothing but be there. */
export function openSession(port: number, password: string): Sql {
  return postgres({
    host,
    port,
    database: 'postgres',
    user: superuser,
    password,
    ssl: false,
    max: 1,
    fetch_types: false,
    prepare: false,
    idle_timeout: undefined,
    max_lifetime: null,
    connect_timeout: connectTimeout,
    // Else PGTARGETSESSIONATTRS is read, and libpq's default `any` is an error to postgres.js.
    target_session_attrs: 'primary',
    onnotice: () => undefined,
    connection: { application_name: holding },
  })
}

/** Whether an error says that the server is starting, stopping or gone. */
export function isPassing(error: unknown): boolean {
  return passing.has((error as { code?: string }).code ?? '')
}

/** Whether the server knows the user by another password. */
export function isWrongPassword(error: unknown): boolean {
  return (error as { code?: string }).code === '28P01'
}

/** The server's version, such as `18.4`. */
export async function readVersion(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`
  return row?.version ?? ''
}

/**
 * Waits until no session is leaving. One that began before ours may not have counted us, and stop the server.
 *
 * @param deadline in milliseconds of `Date.now()`.
 */
export async function waitForLeavers(sql: Sql, deadline: number): Promise<void> {
  while ((await otherSessions(sql)).includes(leaving) && Date.now() < deadline) await sleep(2)
}

/**
 * Marks the session as leaving, then says whether no other one needs the server.
 * In this order: whoever joins later sees the mark, whoever joined earlier is counted.
 */
export async function leaveLast(sql: Sql): Promise<boolean> {
  await sql`select pg_catalog.set_config('application_name', ${leaving}, false)`
  const deadline = Date.now() + lingering
  for (;;) {
    const others = (await otherSessions(sql)).filter(name => name !== leaving)
    if (others.length === 0) return true
    if (others.includes(holding) || Date.now() > deadline) return false
    await sleep(2)
  }
}

/** https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW */
async function otherSessions(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select coalesce(application_name, '') as name
    from pg_catalog.pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()`
  return rows.map(row => row.name)
}
