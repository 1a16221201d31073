import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A unique index of a table, or a table's copy of it where it is partitioned. */
export interface UniqueKeyRow {
  readonly table: Oid
  readonly name: string
  readonly primary: boolean
  /** Whether two rows that have NULL in it are the same to it. */
  readonly nullsEqual: boolean
  /** Only rows for which this SQL is true are in it; null for all. */
  readonly predicate: string | null
  /** SQL over the table's columns, and the operator by which it takes two values for the same. */
  readonly parts: readonly { readonly sql: string; readonly equals: string }[]
  /** All columns that it depends on. */
  readonly columns: readonly string[]
}

/** Expressions name types, functions and operators by their schemas where the session's search_path is empty. */
export async function listUniqueKeys(database: Database, tables: readonly Oid[]): Promise<UniqueKeyRow[]> {
  return database.query<UniqueKeyRow>`
    SELECT index.indrelid::text AS "table", relation.relname AS name, index.indisprimary AS primary,
           coalesce((to_jsonb(index) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsEqual",
           pg_get_expr(index.indpred, index.indrelid) AS predicate,
           (SELECT json_agg(json_build_object(
                     'sql', pg_get_indexdef(index.indexrelid, part.position::int, false),
                     'equals', format('OPERATOR(%I.%s)', namespace.nspname, operator.oprname)) ORDER BY part.position)
            FROM unnest((index.indclass::oid[])[0:index.indnkeyatts - 1]) WITH ORDINALITY AS part (class, position)
            JOIN pg_catalog.pg_opclass AS class ON class.oid = part.class
            JOIN pg_catalog.pg_amop AS member
              ON member.amopfamily = class.opcfamily AND member.amopstrategy = 3
              AND member.amoplefttype = class.opcintype AND member.amoprighttype = class.opcintype
            JOIN pg_catalog.pg_operator AS operator ON operator.oid = member.amopopr
            JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace) AS parts,
           (SELECT json_agg(attribute.attname ORDER BY attribute.attnum)
            FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = index.indrelid AND attribute.attnum > 0
              AND (attribute.attnum = ANY ((index.indkey::int2[])[0:index.indnkeyatts - 1])
                   OR EXISTS (SELECT FROM pg_catalog.pg_depend AS needed
                              WHERE index.indexprs IS NOT NULL
                                AND needed.classid = 'pg_catalog.pg_class'::regclass
                                AND needed.objid = index.indexrelid AND needed.refobjid = index.indrelid
                                AND needed.refobjsubid = attribute.attnum))) AS columns
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    WHERE index.indrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND index.indisunique AND index.indisvalid
    ORDER BY index.indrelid, index.indisprimary DESC, relation.relname`
}
