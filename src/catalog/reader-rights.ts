import type { Database } from '../database/database.ts'

/** What a role may see beyond its own: https://www.postgresql.org/docs/current/predefined-roles.html */
export interface ReaderRights {
  /** Other roles' sessions, statements and standbys: pg_read_all_stats, which pg_monitor has. */
  readonly allStats: boolean
  /** Every table's rows and statistics, every sequence: pg_read_all_data. */
  readonly allData: boolean
}

export async function readerRights(database: Database): Promise<ReaderRights> {
  const [row] = (await database.query<ReaderRights>`
    SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "allStats",
           pg_has_role(current_user, 'pg_read_all_data', 'USAGE') AS "allData"`) as [ReaderRights]
  return row
}
