import type { Database } from '../database/database.ts'
import { holderColumns, type LockHolder } from './locks.ts'

/** The sessions that a backend waits for, in the order of their process ids. What our role may not see is null. */
export async function blockersOf(database: Database, pid: number): Promise<LockHolder[]> {
  return database.query<LockHolder>`
    SELECT ${holderColumns(database)}
    FROM pg_catalog.pg_stat_activity AS activity
    WHERE activity.pid = ANY (pg_blocking_pids(${pid}::int))
    ORDER BY activity.pid`
}
