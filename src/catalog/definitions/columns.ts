import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** A column of a table, or an attribute of a composite type. */
export interface ColumnDefinition {
  readonly table: Oid
  readonly position: number
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  /** False where a NOT NULL of PostgreSQL 18 has not been tested on the rows that were there. */
  readonly notNullValidated: boolean
  readonly default: string | null
  readonly identity: 'ALWAYS' | 'BY DEFAULT' | null
  /** The expression that it is generated from. */
  readonly generated: string | null
  /** Whether it is generated when it is read, as PostgreSQL 18 can. */
  readonly virtual: boolean
  /** Quoted; null where it is the type's own. */
  readonly collation: string | null
}

/** Those that a table inherits, or has as a partition, are left out: they come and go with its parents'. */
export async function listColumns(database: Database): Promise<ColumnDefinition[]> {
  return database.query<ColumnDefinition>`
    SELECT attribute.attrelid::text AS "table", attribute.attnum::int AS position, attribute.attname AS name,
           format_type(attribute.atttypid, attribute.atttypmod) AS type,
           attribute.attnotnull AS "notNull",
           coalesce(presence.convalidated, true) AS "notNullValidated",
           CASE WHEN attribute.attgenerated = '' THEN pg_get_expr(preset.adbin, preset.adrelid) END AS "default",
           CASE attribute.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity,
           CASE WHEN attribute.attgenerated <> '' THEN pg_get_expr(preset.adbin, preset.adrelid) END AS generated,
           attribute.attgenerated = 'v' AS virtual,
           CASE WHEN attribute.attcollation <> type.typcollation
                THEN attribute.attcollation::regcollation::text END AS collation
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    LEFT JOIN pg_catalog.pg_constraint AS presence
      ON presence.contype = 'n' AND presence.conrelid = relation.oid
      AND presence.conkey = ARRAY[attribute.attnum]
    WHERE relation.relkind IN ('r', 'p', 'f', 'c') AND attribute.attnum > 0 AND NOT attribute.attisdropped
      AND attribute.attislocal AND NOT relation.relispartition
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
    ORDER BY attribute.attrelid, attribute.attnum`
}
