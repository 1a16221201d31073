import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface InsertTriggerRow {
  readonly table: Oid
  readonly name: string
}

/** Triggers of users' own that fire where rows are inserted or updated. */
export async function listInsertTriggers(
  database: Database,
  tables: readonly Oid[],
): Promise<InsertTriggerRow[]> {
  return database.query<InsertTriggerRow>`
    SELECT trigger.tgrelid::text AS "table", trigger.tgname AS name
    FROM pg_catalog.pg_trigger AS trigger
    WHERE trigger.tgrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND NOT trigger.tgisinternal AND trigger.tgenabled <> 'D' AND trigger.tgtype & 20 <> 0
    ORDER BY trigger.tgrelid, trigger.tgname`
}
