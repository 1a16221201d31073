import type { Database } from '../database/database.ts'

/** How many sessions wait for a lock that this one holds. Works for every role, unlike pg_stat_activity. */
export async function sessionsWaitingForUs(database: Database): Promise<number> {
  const [row] = await database.query<{ waiting: number }>`
    SELECT count(DISTINCT pid)::int AS waiting
    FROM pg_catalog.pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`
  return row?.waiting ?? 0
}
