import type { Database } from '../database/database.ts'
import type { LockHolder } from './locks.ts'

/** The sessions that a backend waits for, in the order of their process ids. What our role may not see is null. */
export async function blockersOf(database: Database, pid: number): Promise<LockHolder[]> {
  return database.query<LockHolder>`
    SELECT activity.pid,
           activity.usename AS "user",
           activity.application_name AS "applicationName",
           activity.state,
           to_char(coalesce(activity.xact_start, activity.state_change, activity.backend_start) AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
           left(activity.query, 200) AS query
    FROM pg_catalog.pg_stat_activity AS activity
    WHERE activity.pid = ANY (pg_blocking_pids(${pid}::int))
    ORDER BY activity.pid`
}
