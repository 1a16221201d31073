import type { Database } from '../database/database.ts'
import type { LockHolder } from './locks.ts'

/**
 * The locks of a backend on relations, but for the system's, each as `oid mode`. They leave in one row: a long
 * transaction has thousands. https://www.postgresql.org/docs/current/view-pg-locks.html
 */
export async function relationLocks(database: Database, pid: number): Promise<string[]> {
  const [row] = await database.query<{ locks: string | null }>`
    SELECT string_agg(held.relation || ' ' || held.mode, ',') AS locks
    FROM pg_catalog.pg_locks AS held
    WHERE held.pid = ${pid}::int
      AND held.locktype = 'relation'
      AND held.granted
      AND held.relation >= 16384
      AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`
  return row?.locks?.split(',') ?? []
}

/** The sessions that wait for a backend, in the order of their process ids. What our role may not see is null. */
export async function blockedBy(database: Database, pid: number): Promise<LockHolder[]> {
  return database.query<LockHolder>`
    SELECT activity.pid,
           activity.usename AS "user",
           activity.application_name AS "applicationName",
           activity.state,
           to_char(coalesce(activity.xact_start, activity.state_change, activity.backend_start) AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
           left(activity.query, 200) AS query
    FROM pg_catalog.pg_stat_activity AS activity
    WHERE activity.pid IN (SELECT waiting.pid FROM pg_catalog.pg_locks AS waiting WHERE NOT waiting.granted)
      AND ${pid}::int = ANY (pg_blocking_pids(activity.pid))
    ORDER BY activity.pid`
}

/** Ends what a backend is doing, if it is doing anything. */
export async function cancelBackend(database: Database, pid: number): Promise<void> {
  await database.query`SELECT pg_cancel_backend(${pid}::int)`
}
