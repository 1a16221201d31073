import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

/** From when on this database's cumulative counters count. */
export interface CounterWindow {
  /** ISO 8601. */
  readonly since: string
  /** False where nobody has reset them: then it is when the server began anew with all of its counters. */
  readonly exact: boolean
  readonly ageMs: number
}

/**
 * PostgreSQL 15 and later know no beginning before the first reset. Counters outlive a clean restart but not a crash,
 * and the server notes with those that all databases share when it began anew.
 * https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export async function countersSince(database: Database): Promise<CounterWindow> {
  const [row] = (await database.query<CounterWindow>`
    SELECT to_char(began.since AT TIME ZONE 'UTC', ${INSTANT}) AS since, began.exact,
           (extract(epoch FROM clock_timestamp() - began.since) * 1000)::float8 AS "ageMs"
    FROM (SELECT coalesce(counters.stats_reset, shared.since, pg_postmaster_start_time()) AS since,
                 counters.stats_reset IS NOT NULL AS exact
          FROM pg_catalog.pg_stat_database AS counters
          CROSS JOIN (SELECT min(stats_reset) AS since
                      FROM (SELECT stats_reset FROM pg_catalog.pg_stat_archiver
                            UNION ALL SELECT stats_reset FROM pg_catalog.pg_stat_bgwriter
                            UNION ALL SELECT stats_reset FROM pg_catalog.pg_stat_wal) AS reset) AS shared
          WHERE counters.datname = current_database()) AS began`) as [CounterWindow]
  return row
}
