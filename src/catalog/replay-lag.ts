import type { Database } from '../database/database.ts'

export interface ReplayLag {
  /** Seconds that the slowest standby is behind; null where there is none, or none that has anything to replay. */
  readonly lag: number | null
  /** Standbys of which this role sees nothing but that they are there: it takes pg_monitor. */
  readonly hidden: number
}

/** How far the standbys of this server are behind. */
export async function replayLag(database: Database): Promise<ReplayLag> {
  const [row] = await database.query<ReplayLag>`
    SELECT max(extract(epoch FROM replay_lag))::float8 AS lag,
           (count(*) FILTER (WHERE state IS NULL))::int AS hidden
    FROM pg_catalog.pg_stat_replication`
  return row ?? { lag: null, hidden: 0 }
}
