import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** What holds rows of a table: the table itself, or each partition that has none of its own. */
export interface Leaf {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** Of a partition, the table that it is attached to. */
  readonly parent: { readonly schema: string; readonly name: string; readonly hasDefault: boolean } | null
  /** Of a range partition by one column: that column, and what lies beyond the partition. */
  readonly range: { readonly column: string; readonly upper: string } | null
  /** Of the heap alone, without indexes and TOAST. */
  readonly bytes: number
  /** As estimated; -1 before the first VACUUM. */
  readonly rows: number
  readonly mayDelete: boolean
  /** FOR UPDATE asks for UPDATE, of whichever column; no kind of row lock asks for less. */
  readonly mayLock: boolean
  readonly mayVacuum: boolean
}

/** The leaves of a table in the order of their names. Foreign tables are left out: nothing is locked in them. */
export async function leavesOf(database: Database, table: Oid): Promise<Leaf[]> {
  return database.query<Leaf>`
    WITH tree AS (
      SELECT relid, parentrelid FROM pg_partition_tree(${table}::oid::regclass) WHERE isleaf
      UNION ALL
      SELECT ${table}::oid, NULL WHERE NOT EXISTS (SELECT FROM pg_partition_tree(${table}::oid::regclass))
    )
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           CASE WHEN parent.oid IS NOT NULL
                THEN json_build_object('schema', parent_namespace.nspname, 'name', parent.relname, 'hasDefault', key.partdefid <> 0) END AS parent,
           CASE WHEN key.partstrat = 'r' AND key.partnatts = 1 AND key.partattrs[0] > 0
                     AND bound.upper IS NOT NULL
                THEN json_build_object('column', attribute.attname, 'upper', bound.upper) END AS range,
           pg_relation_size(relation.oid)::float8 AS bytes, relation.reltuples::float8 AS rows,
           has_table_privilege(relation.oid, 'DELETE') AS "mayDelete",
           has_any_column_privilege(relation.oid, 'UPDATE') AS "mayLock",
           pg_has_role(relation.relowner, 'USAGE') OR pg_has_role(database.datdba, 'USAGE')
             OR CASE WHEN current_setting('server_version_num')::int >= 170000
                     THEN has_table_privilege(relation.oid, 'MAINTAIN') ELSE false END AS "mayVacuum"
    FROM tree
    JOIN pg_catalog.pg_database AS database ON database.datname = current_database()
    JOIN pg_catalog.pg_class AS relation ON relation.oid = tree.relid AND relation.relkind = 'r'
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_class AS parent ON parent.oid = tree.parentrelid
    LEFT JOIN pg_catalog.pg_namespace AS parent_namespace ON parent_namespace.oid = parent.relnamespace
    LEFT JOIN pg_catalog.pg_partitioned_table AS key ON key.partrelid = parent.oid
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = parent.oid AND attribute.attnum = key.partattrs[0]
    CROSS JOIN LATERAL (
      SELECT substring(pg_get_expr(relation.relpartbound, relation.oid) FROM ' TO [(](.*)[)]$') AS upper
    ) AS bound
    ORDER BY namespace.nspname, relation.relname`
}
