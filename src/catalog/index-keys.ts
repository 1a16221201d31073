import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** An index that finds rows by values, and what it is sorted or hashed by. */
export interface IndexKeysRow {
  readonly table: Oid
  /** Names of columns; expressions as the server spells them: `((id)::text)`. */
  readonly keys: readonly string[]
  /** Only rows for which this SQL is true are in it; null for all. */
  readonly predicate: string | null
}

/** Valid indexes of the methods btree and hash. Names are not quoted, also within expressions. */
export async function listIndexKeys(database: Database, tables: readonly Oid[]): Promise<IndexKeysRow[]> {
  return database.query<IndexKeysRow>`
    SELECT index.indrelid::text AS "table", part.keys,
           replace(pg_get_expr(index.indpred, index.indrelid), '"', '') AS predicate
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    JOIN pg_catalog.pg_am AS method ON method.oid = relation.relam
    CROSS JOIN LATERAL (
      SELECT json_agg(coalesce(attribute.attname, replace(pg_get_indexdef(index.indexrelid, position::int, false), '"', ''))
                      ORDER BY position) AS keys
      FROM unnest((index.indkey::int2[])[0:index.indnkeyatts - 1]) WITH ORDINALITY AS key (attnum, position)
      LEFT JOIN pg_catalog.pg_attribute AS attribute
        ON attribute.attrelid = index.indrelid AND attribute.attnum = key.attnum AND key.attnum <> 0) AS part
    WHERE index.indrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND index.indisvalid AND index.indisready AND method.amname IN ('btree', 'hash')`
}
