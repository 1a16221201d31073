import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

/** A backend that somebody wants to stop. What our role may not see is null. */
export interface ClientSession {
  readonly pid: number
  /** pg_stat_activity.backend_type */
  readonly kind: string | null
  readonly user: string | null
  readonly application: string | null
  readonly database: string | null
  readonly state: string | null
  /** When its transaction or its state began. ISO 8601. */
  readonly since: string | null
  readonly query: string | null
  /** Whether it has a user: the server's own workers have none. */
  readonly hasUser: boolean
  readonly ours: boolean
  /** What tells it apart from another that has got the same process id. */
  readonly started: string | null
}

export async function clientSession(database: Database, pid: number): Promise<ClientSession | undefined> {
  const [row] = await database.query<ClientSession>`
    SELECT pid, backend_type AS kind, usename AS "user", application_name AS application, datname AS database, state,
           to_char(coalesce(xact_start, state_change, backend_start) AT TIME ZONE 'UTC', ${INSTANT}) AS since,
           CASE WHEN query <> '<insufficient privilege>' THEN left(query, 200) END AS query,
           usesysid IS NOT NULL AS "hasUser", pid = pg_backend_pid() AS ours, backend_start::text AS started
    FROM pg_catalog.pg_stat_activity
    WHERE pid = ${pid}::int`
  return row
}

/** Has a session's statement cancelled; false where the session is gone by now. */
export async function cancelSession(database: Database, { pid, started }: ClientSession): Promise<boolean> {
  const [row] = await database.query<{ sent: boolean }>`
    SELECT pg_cancel_backend(pid) AS sent
    FROM pg_catalog.pg_stat_activity
    WHERE pid = ${pid}::int AND backend_start::text IS NOT DISTINCT FROM ${started}::text`
  return row?.sent === true
}

/** Ends a session and waits up to `ms` until it is gone; false where it is not. */
export async function terminateSession(
  database: Database,
  { pid, started }: ClientSession,
  ms: number,
): Promise<boolean> {
  const [row] = await database.query<{ gone: boolean }>`
    SELECT pg_terminate_backend(pid, ${ms}::bigint) AS gone
    FROM pg_catalog.pg_stat_activity
    WHERE pid = ${pid}::int AND backend_start::text IS NOT DISTINCT FROM ${started}::text`
  return row?.gone === true
}
