import type { Database } from '../database/database.ts'

/** Clients' sessions that have everything in common. */
export interface ConnectionGroup {
  readonly database: string
  readonly user: string | null
  readonly application: string | null
  readonly address: string | null
  /** null where our role may not see it. */
  readonly state: string | null
  readonly tls: boolean | null
  readonly sessions: number
}

/**
 * Also counts what a role without pg_read_all_stats sees next to nothing of: its backend_type is null, where
 * the server's own workers with a database have no user that a client could have.
 */
export async function connectionGroups(database: Database): Promise<ConnectionGroup[]> {
  return database.query<ConnectionGroup>`
    SELECT activity.datname AS database, activity.usename AS "user", activity.application_name AS application,
           host(activity.client_addr) AS address, activity.state, encrypted.ssl AS tls, count(*)::int AS sessions
    FROM pg_catalog.pg_stat_activity AS activity
    LEFT JOIN pg_catalog.pg_stat_ssl AS encrypted ON encrypted.pid = activity.pid
    WHERE activity.datid IS NOT NULL AND activity.usesysid IS NOT NULL AND activity.leader_pid IS NULL
      AND coalesce(activity.backend_type, 'client backend') = 'client backend'
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY sessions DESC, 1, 2, 3, 4, 5`
}

/** Sessions whose state our role may not see. */
export async function hiddenSessions(database: Database): Promise<number> {
  const [row] = await database.query<{ hidden: number }>`
    SELECT count(*)::int AS hidden
    FROM pg_catalog.pg_stat_activity
    WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND query = '<insufficient privilege>'`
  return row?.hidden ?? 0
}
