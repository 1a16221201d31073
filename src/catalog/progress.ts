import type { Database } from '../database/database.ts'

/** How far a maintenance command has got. Counts blocks, rows or bytes, as `unit` says. */
export interface Progress {
  readonly command: string
  readonly pid: number
  readonly schema: string | null
  readonly table: string | null
  readonly phase: string | null
  readonly done: number | null
  readonly total: number | null
  readonly unit: 'blocks' | 'rows' | 'bytes' | null
  readonly ratio: number | null
  readonly runningMs: number | null
  /** At the pace so far; null before anything is done. */
  readonly leftMs: number | null
}

/**
 * Six views whose columns differ from version to version: what is missing in one is null.
 * https://www.postgresql.org/docs/current/progress-reporting.html
 */
export async function progressOfCommands(database: Database): Promise<Progress[]> {
  return database.query<Progress>`
    WITH reported AS (
      SELECT 'VACUUM' AS command, to_jsonb(progress) AS row, 'heap_blks_scanned' AS done, 'heap_blks_total' AS total, 'blocks' AS unit
      FROM pg_catalog.pg_stat_progress_vacuum AS progress
      UNION ALL SELECT 'ANALYZE', to_jsonb(progress), 'sample_blks_scanned', 'sample_blks_total', 'blocks'
      FROM pg_catalog.pg_stat_progress_analyze AS progress
      UNION ALL SELECT coalesce(progress.command, 'CREATE INDEX'), to_jsonb(progress),
             CASE WHEN progress.tuples_total > 0 THEN 'tuples_done' ELSE 'blocks_done' END,
             CASE WHEN progress.tuples_total > 0 THEN 'tuples_total' ELSE 'blocks_total' END,
             CASE WHEN progress.tuples_total > 0 THEN 'rows' ELSE 'blocks' END
      FROM pg_catalog.pg_stat_progress_create_index AS progress
      UNION ALL SELECT coalesce(progress.command, 'CLUSTER'), to_jsonb(progress), 'heap_blks_scanned', 'heap_blks_total', 'blocks'
      FROM pg_catalog.pg_stat_progress_cluster AS progress
      UNION ALL SELECT coalesce(progress.command, 'COPY'), to_jsonb(progress),
             CASE WHEN progress.bytes_total > 0 THEN 'bytes_processed' ELSE 'tuples_processed' END, 'bytes_total',
             CASE WHEN progress.bytes_total > 0 THEN 'bytes' ELSE 'rows' END
      FROM pg_catalog.pg_stat_progress_copy AS progress
      UNION ALL SELECT 'BASE BACKUP', to_jsonb(progress), 'backup_streamed', 'backup_total', 'bytes'
      FROM pg_catalog.pg_stat_progress_basebackup AS progress),
    counted AS (
      SELECT reported.command, (reported.row ->> 'pid')::int AS pid, (reported.row ->> 'relid')::oid AS relid,
             reported.row ->> 'datname' AS datname, reported.row ->> 'phase' AS phase, reported.unit,
             (reported.row ->> reported.done)::float8 AS done, nullif((reported.row ->> reported.total)::float8, 0) AS total
      FROM reported)
    SELECT counted.command, counted.pid, namespace.nspname AS schema, relation.relname AS "table", counted.phase,
           counted.done, counted.total, counted.unit, counted.done / counted.total AS ratio, running.ms AS "runningMs",
           running.ms * (counted.total - counted.done) / nullif(counted.done, 0) AS "leftMs"
    FROM counted
    LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = counted.pid
    CROSS JOIN LATERAL (
      SELECT (extract(epoch FROM clock_timestamp() - coalesce(activity.query_start, activity.xact_start)) * 1000)::float8 AS ms) AS running
    LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = counted.relid AND counted.datname = current_database()
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    ORDER BY running.ms DESC, counted.pid`
}
