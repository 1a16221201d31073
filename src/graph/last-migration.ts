import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import type { HistoryTable } from '../migrations/history.ts'

/**
 * The hash of the newest migration that drizzle has recorded, which both shapes of its table have; null where there
 * is none, or our role may not read it. Asks first: an error would end the transaction.
 */
export async function lastMigration(
  database: Database,
  { schema, table }: HistoryTable,
): Promise<string | null> {
  const [seen] = await database.query<{ readable: boolean }>`
    SELECT has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(relation.oid, 'SELECT') AS readable
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema} AND relation.relname = ${table}`
  if (!seen?.readable) return null
  const [newest] = await database.query<{ hash: string }>`
    SELECT hash FROM ${identifier(database.sql, schema, table)} ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 1`
  return newest?.hash ?? null
}
