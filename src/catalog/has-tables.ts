import type { Database } from '../database/database.ts'

/** Whether anybody has made a table, a partition or a materialized view in this database, besides these of ours. */
export async function hasTables(
  database: Database,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<boolean> {
  const [row] = await database.query<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE relation.oid >= 16384 AND relation.relkind IN ('r', 'p', 'm') AND namespace.nspname !~ '^pg_'
        AND NOT (namespace.nspname = ${schema} AND relation.relname = ${table})) AS found`
  return row?.found ?? true
}
