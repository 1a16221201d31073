import type { Database } from '../database/database.ts'

/** Whether a relation of this name exists. From the catalog itself: to_regclass raises where the role may not use the schema. */
export async function relationExists(database: Database, schema: string, name: string): Promise<boolean> {
  const [row] = await database.query<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE namespace.nspname = ${schema} AND relation.relname = ${name}
    ) AS found`
  return row?.found === true
}
