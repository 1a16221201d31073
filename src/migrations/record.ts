import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import type { Layout } from './folder.ts'
import type { HistoryShape, HistoryTable } from './history.ts'

/** The shape of the drizzle that made the files. */
export function shapeOf(layout: Layout): HistoryShape {
  return layout === 'folders' ? '1.0' : '0.x'
}

/** Makes drizzle's schema and table, letter by letter as drizzle makes them. */
export async function createHistory(
  database: Database,
  { schema, table }: HistoryTable,
  layout: Layout,
  schemaExists: boolean,
): Promise<void> {
  const { sql } = database
  // IF NOT EXISTS asks for CREATE on the database even where the schema exists
  if (!schemaExists) await database.query`CREATE SCHEMA IF NOT EXISTS ${identifier(sql, schema)}`
  const columns =
    layout === 'folders' ? sql`, name text, applied_at timestamp with time zone DEFAULT now()` : sql``
  await database.query`
    CREATE TABLE IF NOT EXISTS ${identifier(sql, schema, table)} (
      id SERIAL PRIMARY KEY,
      hash text NOT NULL,
      created_at bigint${columns}
    )`
}
