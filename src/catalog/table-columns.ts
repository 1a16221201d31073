import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface TableColumnRow {
  readonly table: Oid
  readonly name: string
  /** As SQL spells it: `character varying(32)`. */
  readonly type: string
  /** The same without its length, for casts that must not cut. */
  readonly cast: string
  /** pg_type.typcategory of the type, or of what a domain is made of. */
  readonly category: string
  /** Characters at most; null where there is no limit. */
  readonly length: number | null
  readonly notNull: boolean
  readonly generated: boolean
  /** Whether a unique index holds it, alone or with others. */
  readonly unique: boolean
}

/** The columns of these tables, in their order. */
export async function listTableColumns(
  database: Database,
  tables: readonly Oid[],
): Promise<TableColumnRow[]> {
  return database.query<TableColumnRow>`
    SELECT attribute.attrelid::text AS "table", attribute.attname AS name,
           format_type(attribute.atttypid, attribute.atttypmod) AS type,
           format_type(attribute.atttypid, -1) AS "cast",
           type.typcategory AS category,
           CASE WHEN coalesce(nullif(type.typbasetype, 0), type.oid) IN ('varchar'::regtype, 'bpchar'::regtype)
                THEN nullif(coalesce(nullif(attribute.atttypmod, -1), type.typtypmod), -1) - 4 END AS length,
           attribute.attnotnull OR type.typnotnull AS "notNull",
           attribute.attgenerated <> '' AS generated,
           EXISTS (SELECT FROM pg_catalog.pg_index AS index
                   WHERE index.indrelid = attribute.attrelid AND index.indisunique
                     AND attribute.attnum = ANY (index.indkey)) AS unique
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY attribute.attrelid, attribute.attnum`
}
