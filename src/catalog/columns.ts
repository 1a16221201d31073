import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface ColumnRow {
  readonly table: Oid
  readonly name: string
  readonly type: Oid
  readonly modifier: number
  readonly notNull: boolean
  readonly identity: boolean
  /** The sequence that its default or its identity draws from. */
  readonly sequence: Oid | null
}

/** A check constraint as SQL: `CHECK ((name IS NOT NULL))`. */
export interface CheckRow {
  readonly name: string
  readonly table: Oid
  readonly definition: string
}

export async function listColumns(database: Database, tables: readonly string[]): Promise<ColumnRow[]> {
  return database.query<ColumnRow>`
    SELECT attribute.attrelid::text AS "table", attribute.attname AS name, attribute.atttypid::text AS type,
           attribute.atttypmod AS modifier, attribute.attnotnull AS "notNull",
           attribute.attidentity <> '' AS identity,
           (SELECT coalesce(min(drawn.refobjid) FILTER (WHERE drawn.classid = 'pg_catalog.pg_attrdef'::regclass),
                            min(drawn.objid))::text
            FROM pg_catalog.pg_depend AS drawn
            JOIN pg_catalog.pg_class AS sequence
              ON sequence.relkind = 'S' AND sequence.oid IN (drawn.objid, drawn.refobjid)
            WHERE (drawn.classid = 'pg_catalog.pg_attrdef'::regclass AND drawn.objid = preset.oid)
               OR (drawn.refclassid = 'pg_catalog.pg_class'::regclass AND drawn.refobjid = attribute.attrelid
                   AND drawn.refobjsubid = attribute.attnum AND drawn.deptype = 'i')) AS sequence
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    WHERE relation.oid >= 16384 AND relation.relname IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json))
      AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY attribute.attrelid, attribute.attnum`
}

/** The checks of tables. Their text cannot be had without a moment's AccessShareLock on the table. */
export async function listChecks(database: Database, tables: readonly string[]): Promise<CheckRow[]> {
  return database.query<CheckRow>`
    SELECT checked.conname AS name, checked.conrelid::text AS "table",
           pg_get_constraintdef(checked.oid) AS definition
    FROM pg_catalog.pg_constraint AS checked
    JOIN pg_catalog.pg_class AS relation ON relation.oid = checked.conrelid
    WHERE checked.contype = 'c'
      AND relation.relname IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json))`
}
