import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface CleanupColumn {
  readonly name: string
  readonly type: string
  /** Whether a valid index leads with it that has an order and holds all of its values, or all but NULL. */
  readonly indexed: boolean
}

/** The columns of a table that a policy may speak of. */
export async function cleanupColumns(database: Database, table: Oid): Promise<CleanupColumn[]> {
  return database.query<CleanupColumn>`
    SELECT attribute.attname AS name,
           format_type(coalesce(nullif(type.typbasetype, 0), type.oid), -1) AS type,
           EXISTS (SELECT FROM pg_catalog.pg_index AS index
                   WHERE index.indrelid = attribute.attrelid AND index.indkey[0] = attribute.attnum
                     AND index.indisvalid AND pg_index_column_has_property(index.indexrelid, 1, 'orderable')
                     AND coalesce(pg_get_expr(index.indpred, index.indrelid) = format('(%I IS NOT NULL)', attribute.attname), true)) AS indexed
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    WHERE attribute.attrelid = ${table}::oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY attribute.attnum`
}
