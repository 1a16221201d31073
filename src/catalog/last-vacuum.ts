import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** When a VACUUM that somebody asked for was last finished, as text of the server's; null before the first. */
export async function lastVacuum(database: Database, table: Oid): Promise<string | null> {
  const [row] = await database.query<{ at: string | null }>`
    SELECT pg_stat_get_last_vacuum_time(${table}::oid)::text AS at`
  return row?.at ?? null
}
