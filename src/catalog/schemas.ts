import type { Database } from '../database/database.ts'

/** The schemas that are not PostgreSQL's own. */
export async function ordinarySchemas(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>`
    SELECT nspname AS name
    FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ORDER BY nspname`
  return rows.map(({ name }) => name)
}
