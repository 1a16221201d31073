import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface CheckRow {
  readonly table: Oid
  readonly name: string
  /** The condition as SQL, without CHECK. */
  readonly expression: string
}

/** The CHECK constraints of these tables that new rows have to meet. */
export async function listChecks(database: Database, tables: readonly Oid[]): Promise<CheckRow[]> {
  return database.query<CheckRow>`
    SELECT conrelid::text AS "table", conname AS name, pg_get_expr(conbin, conrelid) AS expression
    FROM pg_catalog.pg_constraint
    WHERE contype = 'c' AND conrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND coalesce((to_jsonb(pg_constraint) ->> 'conenforced')::boolean, true)
    ORDER BY conrelid, conname`
}
