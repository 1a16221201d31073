import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import type { Layout, Migration } from './folder.ts'
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

/** Writes the row that drizzle would write. A 1.0 table without the name would run the migration again. */
export async function recordMigration(
  database: Database,
  { schema, table }: HistoryTable,
  shape: HistoryShape,
  migration: Pick<Migration, 'name' | 'when'>,
  hash: string,
  layout: Layout,
): Promise<void> {
  const { sql } = database
  const { when } = migration
  if (shape === '1.0') {
    await database.query`
      INSERT INTO ${identifier(sql, schema, table)} ("hash", "created_at", "name")
      VALUES (${hash}, ${when}, ${layout === 'folders' ? migration.name : folderName(migration)})`
  } else {
    await database.query`
      INSERT INTO ${identifier(sql, schema, table)} ("hash", "created_at")
      VALUES (${hash}, ${when})`
  }
}

/** The folder that `drizzle-kit up` of 1.0 will make from a 0.x migration. */
function folderName({ name, when }: Pick<Migration, 'name' | 'when'>): string {
  const stamp = new Date(when).toISOString().replace(/\D/g, '').slice(0, 14)
  return `${stamp}_${name.split('_').slice(1).join('_')}`
}
