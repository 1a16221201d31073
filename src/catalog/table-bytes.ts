import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** How large tables are on disk, with their indexes and TOAST. Takes a moment's AccessShareLock on each. */
export async function tableBytes(database: Database, tables: readonly Oid[]): Promise<Map<Oid, number>> {
  const rows = await database.query<{ oid: Oid; bytes: number | null }>`
    SELECT relation.oid::text AS oid, pg_total_relation_size(relation.oid)::float8 AS bytes
    FROM pg_catalog.pg_class AS relation
    WHERE relation.oid::text IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json))`
  return new Map(rows.flatMap(({ oid, bytes }) => (bytes === null ? [] : [[oid, bytes] as const])))
}
