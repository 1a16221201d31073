import type { Database } from '../database/database.ts'
import type { TableRef } from './row-counts.ts'

/**
 * The columns that stand behind the place of one that was dropped: what is added to the table comes behind them.
 * A dropped column leaves its number: https://www.postgresql.org/docs/current/catalog-pg-attribute.html
 */
export async function columnsBehindGap(database: Database, { schema, table }: TableRef): Promise<string[]> {
  const rows = await database.query<{ name: string }>`
    SELECT attribute.attname AS name
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema} AND relation.relname = ${table} AND NOT attribute.attisdropped
      AND attribute.attnum > (SELECT min(gap.attnum) FROM pg_catalog.pg_attribute AS gap
                              WHERE gap.attrelid = relation.oid AND gap.attnum > 0 AND gap.attisdropped)
    ORDER BY attribute.attnum`
  return rows.map(({ name }) => name)
}

/** The name of a table's primary key; what PostgreSQL calls it by itself where there is none yet. */
export async function primaryKeyName(database: Database, schema: string, table: string): Promise<string> {
  const [row] = await database.query<{ name: string }>`
    SELECT condition.conname AS name
    FROM pg_catalog.pg_constraint AS condition
    JOIN pg_catalog.pg_class AS relation ON relation.oid = condition.conrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema} AND relation.relname = ${table} AND condition.contype = 'p'`
  return row?.name ?? `${table}_pkey`
}
