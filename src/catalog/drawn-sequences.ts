import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A column that takes its numbers from a sequence: as an identity, a serial, or by a default of its own. */
export interface DrawnSequenceRow {
  readonly table: Oid
  readonly column: string
  readonly schema: string
  readonly sequence: string
  /** The largest number that the sequence may give. */
  readonly maximum: string
  readonly descending: boolean
}

export async function listDrawnSequences(
  database: Database,
  tables: readonly Oid[],
): Promise<DrawnSequenceRow[]> {
  return database.query<DrawnSequenceRow>`
    SELECT DISTINCT attribute.attrelid::text AS "table", attribute.attname AS "column",
           namespace.nspname AS schema, relation.relname AS sequence,
           sequence.seqmax::text AS maximum, sequence.seqincrement < 0 AS descending
    FROM pg_catalog.pg_attribute AS attribute
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    JOIN pg_catalog.pg_depend AS drawn
      ON (drawn.classid = 'pg_catalog.pg_attrdef'::regclass AND drawn.objid = preset.oid)
      OR (drawn.refclassid = 'pg_catalog.pg_class'::regclass AND drawn.refobjid = attribute.attrelid
          AND drawn.refobjsubid = attribute.attnum AND drawn.deptype = 'i')
    JOIN pg_catalog.pg_sequence AS sequence ON sequence.seqrelid IN (drawn.objid, drawn.refobjid)
    JOIN pg_catalog.pg_class AS relation ON relation.oid = sequence.seqrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY namespace.nspname, relation.relname`
}
