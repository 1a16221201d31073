import type { Database } from '../database/database.ts'

/** The installed extensions with their versions: `pgcrypto 1.3`. */
export async function listExtensions(database: Database): Promise<string[]> {
  const rows = await database.query<{ extension: string }>`
    SELECT extname || ' ' || extversion AS extension
    FROM pg_catalog.pg_extension
    ORDER BY extname`
  return rows.map(row => row.extension)
}
