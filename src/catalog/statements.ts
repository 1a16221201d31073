import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { INSTANT } from './instant.ts'

/** A statement of this database as pg_stat_statements counted it, whoever ran it. Blocks are those of the server. */
export interface StatementUse {
  /** Text: it is beyond what JavaScript counts exactly; null where the statement is hidden from our role. */
  readonly queryId: string | null
  readonly user: string | null
  /** Sent by a client, not by a function. */
  readonly toplevel: boolean
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly stddevMs: number
  /** Of the time of all statements of this database. */
  readonly timeRatio: number | null
  readonly rows: number
  readonly hitBlocks: number
  readonly readBlocks: number
  readonly writtenBlocks: number
  readonly tempBlocks: number
  readonly walBytes: number
  /** null where track_io_timing is off. */
  readonly readMs: number | null
  readonly writeMs: number | null
  /** null where our role may not see it: pg_read_all_stats. */
  readonly query: string | null
}

/**
 * The extension's own schema, and its columns from version 1.8 to 1.12: 1.11 calls `blk_read_time` another name.
 * https://www.postgresql.org/docs/current/pgstatstatements.html
 */
export async function statementUses(database: Database, schema: string): Promise<StatementUse[]> {
  const { sql } = database
  const time = (name: string) => sql`
    CASE WHEN current_setting('track_io_timing')::bool THEN
      coalesce((to_jsonb(counted) ->> ${`shared_${name}`})::float8, (to_jsonb(counted) ->> ${name})::float8) END`
  return database.query<StatementUse>`
    SELECT counted.queryid::text AS "queryId", role.rolname AS "user", counted.toplevel, counted.calls::float8 AS calls,
           counted.total_exec_time AS "totalMs", counted.mean_exec_time AS "meanMs", counted.stddev_exec_time AS "stddevMs",
           counted.total_exec_time / nullif(sum(counted.total_exec_time) OVER (), 0) AS "timeRatio",
           counted.rows::float8 AS rows, counted.shared_blks_hit::float8 AS "hitBlocks",
           counted.shared_blks_read::float8 AS "readBlocks", counted.shared_blks_written::float8 AS "writtenBlocks",
           (counted.temp_blks_read + counted.temp_blks_written)::float8 AS "tempBlocks", counted.wal_bytes::float8 AS "walBytes",
           ${time('blk_read_time')} AS "readMs", ${time('blk_write_time')} AS "writeMs",
           CASE WHEN counted.query <> '<insufficient privilege>' THEN left(counted.query, 2000) END AS query
    FROM ${identifier(sql, schema, 'pg_stat_statements')} AS counted
    LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = counted.userid
    WHERE counted.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    ORDER BY counted.total_exec_time DESC, counted.queryid`
}

/** When pg_stat_statements was reset last, as ISO 8601. Since extension version 1.9. */
export async function statementsSince(database: Database, schema: string): Promise<string | null> {
  const [row] = await database.query<{ since: string }>`
    SELECT to_char(stats_reset AT TIME ZONE 'UTC', ${INSTANT}) AS since
    FROM ${identifier(database.sql, schema, 'pg_stat_statements_info')}`
  return row?.since ?? null
}
