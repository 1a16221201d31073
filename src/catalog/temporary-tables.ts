import type { Database } from '../database/database.ts'

/** The names of this session's temporary tables. */
export async function listTemporaryTables(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>`
    SELECT relname AS name FROM pg_catalog.pg_class
    WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1`
  return rows.map(({ name }) => name)
}
