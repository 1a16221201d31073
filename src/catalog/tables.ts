import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A table that is nobody's partition. */
export interface TableRow {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  readonly partitioned: boolean
  /** null without one. */
  readonly primaryKey: readonly string[] | null
  /** Columns that tell its rows apart and are never NULL: the primary key's, or a unique index's; null without. */
  readonly identity: readonly string[] | null
  /** Their types, without a length: casts that must not cut. */
  readonly casts: readonly string[]
  /** Those of them that sort by a collation. */
  readonly textual: readonly string[]
  /** As estimated by the last VACUUM or ANALYZE; null before the first. */
  readonly rows: number | null
}

/** All tables but the system's and what belongs to extensions. */
export async function listTables(database: Database): Promise<TableRow[]> {
  return database.query<TableRow>`
    WITH keys AS (
      SELECT index.indrelid AS "table", index.indisprimary AS primary, index.indexrelid AS number, key.columns, key.textual, key.casts
      FROM pg_catalog.pg_index AS index
      CROSS JOIN LATERAL (
        SELECT json_agg(attribute.attname ORDER BY part.position) AS columns,
               json_agg(attribute.attname) FILTER (WHERE attribute.attcollation <> 0) AS textual,
               json_agg(format_type(attribute.atttypid, -1) ORDER BY part.position) AS casts,
               bool_and(attribute.attnotnull) AS whole
        FROM unnest((index.indkey::int2[])[0:index.indnkeyatts - 1]) WITH ORDINALITY AS part (attnum, position)
        JOIN pg_catalog.pg_attribute AS attribute
          ON attribute.attrelid = index.indrelid AND attribute.attnum = part.attnum
      ) AS key
      WHERE index.indrelid >= 16384 AND index.indisunique AND index.indisvalid AND index.indpred IS NULL AND index.indexprs IS NULL AND key.whole
    )
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           relation.relkind = 'p' AS partitioned,
           CASE WHEN key.primary THEN key.columns END AS "primaryKey", key.columns AS identity,
           coalesce(key.casts, '[]') AS casts, coalesce(key.textual, '[]') AS textual,
           nullif(relation.reltuples, -1)::float8 AS rows
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN LATERAL (
      SELECT * FROM keys WHERE keys.table = relation.oid ORDER BY keys.primary DESC, keys.number LIMIT 1
    ) AS key ON true
    WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND relation.oid >= 16384
      AND relation.relpersistence <> 't'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
                        AND member.deptype = 'e')
    ORDER BY namespace.nspname, relation.relname`
}
