import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

/** One figure of the server's writing, with its own beginning. */
export interface WalFigure {
  readonly figure: string
  readonly value: number | null
  readonly unit: 'bytes' | 'blocks' | 'ms' | 'count'
  /** Per second since it began. */
  readonly perSecond: number | null
  readonly since: string | null
}

/**
 * pg_stat_wal lost its times in 18, checkpoints moved to pg_stat_checkpointer in 17, pg_stat_io came with 16.
 * https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export async function walFigures(database: Database): Promise<WalFigure[]> {
  const { sql, server } = database
  const checkpoints =
    server.versionNumber >= 170_000
      ? sql`
      SELECT stats_reset, num_timed AS timed, num_requested AS requested, write_time, sync_time, buffers_written AS buffers
      FROM pg_catalog.pg_stat_checkpointer`
      : sql`
      SELECT stats_reset, checkpoints_timed, checkpoints_req, checkpoint_write_time, checkpoint_sync_time, buffers_checkpoint
      FROM pg_catalog.pg_stat_bgwriter`
  const io =
    server.versionNumber >= 160_000
      ? sql`
      UNION ALL SELECT 5, 'reads of clients', sum(reads) FILTER (WHERE backend_type = 'client backend'), 'count', max(stats_reset)
      FROM pg_catalog.pg_stat_io
      UNION ALL SELECT 6, 'writes of clients', sum(writes) FILTER (WHERE backend_type = 'client backend'), 'count', max(stats_reset)
      FROM pg_catalog.pg_stat_io`
      : sql``
  return database.query<WalFigure>`
    WITH checkpoints (stats_reset, timed, requested, write_time, sync_time, buffers) AS (${checkpoints}),
    figures (place, figure, value, unit, stats_reset) AS (
      SELECT 1, 'WAL written', wal_bytes, 'bytes', stats_reset FROM pg_catalog.pg_stat_wal
      UNION ALL SELECT 2, 'WAL records', wal_records, 'count', stats_reset FROM pg_catalog.pg_stat_wal
      UNION ALL SELECT 3, 'full page images', wal_fpi, 'count', stats_reset FROM pg_catalog.pg_stat_wal
      UNION ALL SELECT 4, 'times WAL buffers were full', wal_buffers_full, 'count', stats_reset FROM pg_catalog.pg_stat_wal
      ${io}
      UNION ALL SELECT 10, 'checkpoints by time', timed, 'count', stats_reset FROM checkpoints
      UNION ALL SELECT 11, 'checkpoints by demand', requested, 'count', stats_reset FROM checkpoints
      UNION ALL SELECT 12, 'time to write checkpoints', write_time, 'ms', stats_reset FROM checkpoints
      UNION ALL SELECT 13, 'time to sync checkpoints', sync_time, 'ms', stats_reset FROM checkpoints
      UNION ALL SELECT 14, 'buffers of checkpoints', buffers, 'blocks', stats_reset FROM checkpoints
      UNION ALL SELECT 15, 'buffers of the background writer', buffers_clean, 'blocks', stats_reset FROM pg_catalog.pg_stat_bgwriter)
    SELECT figure, value::float8 AS value, unit,
           value::float8 / nullif(extract(epoch FROM clock_timestamp() - stats_reset), 0)::float8 AS "perSecond",
           to_char(stats_reset AT TIME ZONE 'UTC', ${INSTANT}) AS since
    FROM figures
    ORDER BY place`
}
