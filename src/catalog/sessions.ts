import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

/** A client's session. What our role may not see of another's is null, and `hidden` says so. */
export interface Session {
  readonly pid: number
  readonly user: string | null
  readonly database: string | null
  readonly application: string | null
  readonly address: string | null
  readonly state: string | null
  /** `Lock: relation` */
  readonly wait: string | null
  /** When its transaction began. ISO 8601. */
  readonly since: string | null
  readonly transactionMs: number | null
  readonly queryMs: number | null
  /** How long it has been in its state. */
  readonly stateMs: number | null
  readonly blockedBy: readonly number[]
  readonly hidden: boolean
  readonly query: string | null
}

/** `client` is what applications and people run, the others are the server's own or a standby's. */
export interface Backend extends Session {
  readonly kind: string | null
}

/**
 * All sessions with a database but our own. Without pg_read_all_stats the server shows neither what another role's
 * session does nor which kind it is, and 18's io workers have no database. Parallel workers count for their leaders.
 */
export async function sessions(database: Database): Promise<Backend[]> {
  return database.query<Backend>`
    WITH waiting AS MATERIALIZED (
      SELECT pid, to_json(pg_blocking_pids(pid)) AS blockers
      FROM (SELECT DISTINCT pid FROM pg_catalog.pg_locks WHERE NOT granted) AS waiters)
    SELECT activity.pid, activity.usename AS "user", activity.datname AS database,
           activity.application_name AS application, host(activity.client_addr) AS address, activity.state,
           activity.wait_event_type || ': ' || activity.wait_event AS wait,
           to_char(activity.xact_start AT TIME ZONE 'UTC', ${INSTANT}) AS since,
           (extract(epoch FROM clock_timestamp() - activity.xact_start) * 1000)::float8 AS "transactionMs",
           CASE WHEN activity.state = 'active' THEN
             (extract(epoch FROM clock_timestamp() - activity.query_start) * 1000)::float8 END AS "queryMs",
           (extract(epoch FROM clock_timestamp() - activity.state_change) * 1000)::float8 AS "stateMs",
           coalesce(waiting.blockers, '[]') AS "blockedBy",
           activity.query = '<insufficient privilege>' AS hidden,
           CASE WHEN activity.query <> '<insufficient privilege>' THEN left(activity.query, 2000) END AS query,
           activity.backend_type AS kind
    FROM pg_catalog.pg_stat_activity AS activity
    LEFT JOIN waiting ON waiting.pid = activity.pid
    WHERE activity.pid <> pg_backend_pid() AND activity.leader_pid IS NULL
      AND (activity.datid IS NOT NULL OR activity.backend_type = 'walsender')
    ORDER BY activity.xact_start NULLS LAST, activity.pid`
}
