import type { Database } from '../database/database.ts'

/** All columns of a schema's tables, as `table.column`. */
export async function columnsOf(database: Database, schema: string): Promise<Set<string>> {
  const rows = await database.query<{ name: string }>`
    SELECT relation.relname || '.' || attribute.attname AS name
    FROM pg_attribute attribute
    JOIN pg_class relation ON relation.oid = attribute.attrelid
    JOIN pg_namespace namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema}
      AND relation.relkind IN ('r', 'p')
      AND attribute.attnum > 0 AND NOT attribute.attisdropped`
  return new Set(rows.map(({ name }) => name))
}
