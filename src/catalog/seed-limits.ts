import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** What rows of a partition have to be like. */
export interface PartitionRow {
  readonly table: Oid
  /** SQL over the table's columns. */
  readonly condition: string
  /** Whether it takes what no other one does. */
  readonly default: boolean
}

/** The partitions of these tables that hold rows themselves. */
export async function listPartitions(database: Database, tables: readonly Oid[]): Promise<PartitionRow[]> {
  return database.query<PartitionRow>`
    SELECT top.oid::text AS "table", coalesce(pg_get_partition_constraintdef(leaf.oid), 'true') AS condition,
           pg_get_expr(leaf.relpartbound, leaf.oid) = 'DEFAULT' AS "default"
    FROM pg_catalog.pg_class AS top
    CROSS JOIN LATERAL pg_partition_tree(top.oid) AS part
    JOIN pg_catalog.pg_class AS leaf ON leaf.oid = part.relid
    WHERE top.relkind = 'p' AND part.isleaf AND leaf.relispartition
      AND top.oid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
    ORDER BY top.oid, leaf.relname`
}

/** An exclusion constraint: no two rows may be to each other as all of its operators say. */
export interface ExclusionRow {
  readonly table: Oid
  readonly name: string
  /** Only rows for which this SQL is true are in it; null for all. */
  readonly predicate: string | null
  readonly parts: readonly { readonly sql: string; readonly operator: string }[]
  /** All columns that it depends on. */
  readonly columns: readonly string[]
}

export async function listExclusions(database: Database, tables: readonly Oid[]): Promise<ExclusionRow[]> {
  return database.query<ExclusionRow>`
    SELECT exclusion.conrelid::text AS "table", exclusion.conname AS name,
           pg_get_expr(index.indpred, index.indrelid) AS predicate,
           (SELECT json_agg(json_build_object(
                     'sql', pg_get_indexdef(index.indexrelid, part.position::int, false),
                     'operator', format('OPERATOR(%I.%s)', namespace.nspname, operator.oprname)) ORDER BY part.position)
            FROM unnest(exclusion.conexclop) WITH ORDINALITY AS part (operator, position)
            JOIN pg_catalog.pg_operator AS operator ON operator.oid = part.operator
            JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace) AS parts,
           (SELECT coalesce(json_agg(DISTINCT attribute.attname), '[]')
            FROM pg_catalog.pg_depend AS needed
            JOIN pg_catalog.pg_attribute AS attribute
              ON attribute.attrelid = needed.refobjid AND attribute.attnum = needed.refobjsubid
            WHERE needed.refobjid = exclusion.conrelid AND attribute.attnum > 0
              AND (needed.classid = 'pg_catalog.pg_constraint'::regclass AND needed.objid = exclusion.oid
                   OR needed.classid = 'pg_catalog.pg_class'::regclass AND needed.objid = index.indexrelid)) AS columns
    FROM pg_catalog.pg_constraint AS exclusion
    JOIN pg_catalog.pg_index AS index ON index.indexrelid = exclusion.conindid
    WHERE exclusion.contype = 'x'
      AND exclusion.conrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
    ORDER BY exclusion.conrelid, exclusion.conname`
}
