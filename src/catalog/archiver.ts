import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

export interface Archiver {
  /** archive_mode */
  readonly mode: string
  readonly failures: number
  readonly lastFailedFile: string | null
  readonly lastFailed: string | null
  readonly lastArchived: string | null
  /** The last attempt did not succeed. */
  readonly failing: boolean
}

/** How archiving of WAL goes. https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW */
export async function archiver(database: Database): Promise<Archiver> {
  const [row] = (await database.query<Archiver>`
    SELECT current_setting('archive_mode') AS mode, failed_count::float8 AS failures,
           last_failed_wal AS "lastFailedFile",
           to_char(last_failed_time AT TIME ZONE 'UTC', ${INSTANT}) AS "lastFailed",
           to_char(last_archived_time AT TIME ZONE 'UTC', ${INSTANT}) AS "lastArchived",
           last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity') AS failing
    FROM pg_catalog.pg_stat_archiver`) as [Archiver]
  return row
}
