import type { Database } from '../database/database.ts'

/** A lock that is waited for, and the sessions that it waits for. Ids of sessions are process ids. */
export interface LockWait {
  readonly pid: number
  readonly blockedBy: readonly number[]
  /** `relation`, `transactionid`, … */
  readonly kind: string
  readonly mode: string
  readonly relation: string | null
  readonly waitMs: number | null
}

/** Works for every role; who the sessions are and what they run is in `sessions`. */
export async function lockWaits(database: Database): Promise<LockWait[]> {
  return database.query<LockWait>`
    SELECT waited.pid, to_json(pg_blocking_pids(waited.pid)) AS "blockedBy", waited.locktype AS kind, waited.mode,
           namespace.nspname || '.' || relation.relname AS relation,
           (extract(epoch FROM clock_timestamp() - waited.waitstart) * 1000)::float8 AS "waitMs"
    FROM pg_catalog.pg_locks AS waited
    LEFT JOIN pg_catalog.pg_class AS relation
      ON relation.oid = waited.relation
      AND waited.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE NOT waited.granted
    ORDER BY waited.waitstart, waited.pid`
}
