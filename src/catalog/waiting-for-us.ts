import type { Database } from '../database/database.ts'

/** How many sessions wait for a lock that this one holds. */
export async function sessionsWaitingForUs(database: Database): Promise<number> {
  const [row] = await database.query<{ waiting: number }>`
    SELECT count(*)::int AS waiting
    FROM pg_catalog.pg_stat_activity
    WHERE wait_event_type = 'Lock' AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`
  return row?.waiting ?? 0
}
