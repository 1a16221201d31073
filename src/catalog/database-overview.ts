import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'

/** A database in one row. Counters run since `countersSince`. */
export interface DatabaseOverview {
  /** null where our role may not CONNECT to it. */
  readonly bytes: number | null
  readonly tables: number
  readonly indexes: number
  readonly rows: number
  /** Tables whose rows nobody has estimated yet. */
  readonly unanalysed: number
  readonly commits: number
  readonly rollbacks: number
  readonly cacheHitRatio: number | null
  readonly tempBytes: number
  readonly deadlocks: number
  readonly uptimeMs: number
  readonly encoding: string
}

export async function databaseOverview(database: Database, scope: Scope): Promise<DatabaseOverview> {
  const [row] = (await database.query<DatabaseOverview>`
    SELECT CASE WHEN has_database_privilege(counters.datid, 'CONNECT') THEN pg_database_size(counters.datid) END::float8 AS bytes,
           held.tables, held.indexes, held.rows, held.unanalysed,
           counters.xact_commit::float8 AS commits, counters.xact_rollback::float8 AS rollbacks,
           (counters.blks_hit / nullif(counters.blks_hit + counters.blks_read, 0)::float8) AS "cacheHitRatio",
           counters.temp_bytes::float8 AS "tempBytes", counters.deadlocks::float8 AS deadlocks,
           (extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000)::float8 AS "uptimeMs",
           current_setting('server_encoding') AS encoding
    FROM pg_catalog.pg_stat_database AS counters
    CROSS JOIN (
      SELECT count(*) FILTER (WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition)::int AS tables,
             count(*) FILTER (WHERE relation.relkind IN ('i', 'I') AND NOT relation.relispartition)::int AS indexes,
             coalesce(sum(relation.reltuples) FILTER (WHERE relation.relkind = 'r' AND relation.reltuples >= 0), 0)::float8 AS rows,
             count(*) FILTER (WHERE relation.relkind = 'r' AND relation.reltuples < 0)::int AS unanalysed
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE relation.relkind IN ('r', 'p', 'i', 'I') AND ${inScope(database, scope)}) AS held
    WHERE counters.datname = current_database()`) as [DatabaseOverview]
  return row
}

/** Transactions that have ended so far, and the server's time in milliseconds. */
export async function transactionsSoFar(database: Database): Promise<{ count: number; at: number }> {
  const [row] = (await database.query<{ count: number; at: number }>`
    SELECT (xact_commit + xact_rollback)::float8 AS count, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at
    FROM pg_catalog.pg_stat_database
    WHERE datname = current_database()`) as [{ count: number; at: number }]
  return row
}
