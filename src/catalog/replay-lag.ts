import type { Database } from '../database/database.ts'

/** Seconds that the slowest standby is behind; null where there is none, or this role may not see it. */
export async function replayLag(database: Database): Promise<number | null> {
  const [row] = await database.query<{ lag: number | null }>`
    SELECT max(extract(epoch FROM replay_lag))::float8 AS lag FROM pg_catalog.pg_stat_replication`
  return row?.lag ?? null
}
