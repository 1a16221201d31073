import type { Database } from '../database/database.ts'

/** A lock of a session in this database. */
export interface HeldLock {
  readonly pid: number
  readonly user: string | null
  readonly application: string | null
  /** `relation`, `transactionid`, `advisory`, … */
  readonly kind: string
  readonly mode: string
  readonly schema: string | null
  readonly table: string | null
  readonly granted: boolean
  readonly waitMs: number | null
  readonly state: string | null
  readonly transactionMs: number | null
  readonly query: string | null
}

/** All locks but our own and those of each transaction on itself. Every role sees the locks, not every one the queries. */
export async function heldLocks(database: Database): Promise<HeldLock[]> {
  return database.query<HeldLock>`
    SELECT held.pid, activity.usename AS "user", activity.application_name AS application, held.locktype AS kind, held.mode,
           namespace.nspname AS schema, relation.relname AS "table", held.granted,
           (extract(epoch FROM clock_timestamp() - held.waitstart) * 1000)::float8 AS "waitMs", activity.state,
           (extract(epoch FROM clock_timestamp() - activity.xact_start) * 1000)::float8 AS "transactionMs",
           CASE WHEN activity.query <> '<insufficient privilege>' THEN left(activity.query, 2000) END AS query
    FROM pg_catalog.pg_locks AS held
    LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = held.pid
    LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = held.relation
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE held.pid <> pg_backend_pid()
      AND (held.database IS NULL AND activity.datname = current_database()
           OR held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
      AND NOT (held.granted AND held.locktype IN ('virtualxid', 'transactionid'))
    ORDER BY held.granted, held.waitstart, held.pid, schema, "table", held.mode`
}
