import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A foreign key between tables as people know them: of partitions, the partitioned table's. */
export interface ForeignKeyRow {
  readonly name: string
  readonly table: Oid
  /** In the order of the constraint, as all lists here. */
  readonly columns: readonly string[]
  readonly references: Oid
  readonly referenced: readonly string[]
  /** `referenced = column` for each pair, `&&` for a period; an extension's type has an operator of its own. */
  readonly operators: readonly string[]
  /** Whether every row of the table has all of the columns and points by them. */
  readonly required: boolean
  readonly nullable: readonly string[]
  /** pg_constraint.confdeltype: a no action, r restrict, c cascade, n set null, d set default */
  readonly onDelete: string
  readonly matchFull: boolean
  /** Whether the last column is a PERIOD: it needs every row whose range its own one meets. */
  readonly period: boolean
  /** Whether each value is sure to have its row: false for NOT VALID and NOT ENFORCED. */
  readonly enforced: boolean
  /** Whether it is NOT ENFORCED, and so neither checks nor does anything. */
  readonly notEnforced: boolean
  /** Whether an index leads to the rows that refer to a given one. */
  readonly indexed: boolean
  /** Whether this role may lock the table as whoever writes to it does. */
  readonly mayLock: boolean
  /** The partitions without parts of their own that the constraint is on, where it is not on the whole table. */
  readonly leaves: readonly Oid[] | null
}

/** Foreign keys of all tables. The copies that PostgreSQL makes for partitions are left out. */
export async function listForeignKeys(database: Database): Promise<ForeignKeyRow[]> {
  return database.query<ForeignKeyRow>`
    SELECT reference.conname AS name,
           whole.oid::text AS "table",
           coalesce(pg_partition_root(reference.confrelid), reference.confrelid)::oid::text AS "references",
           pair.columns, pair.referenced, pair.operators, pair.required, pair.nullable,
           reference.confdeltype AS "onDelete", reference.confmatchtype = 'f' AS "matchFull", kind.period,
           reference.convalidated AND kind.enforced AS enforced, NOT kind.enforced AS "notEnforced",
           ${hasIndex(database)} AS indexed,
           has_table_privilege(whole.oid, 'UPDATE, DELETE, TRUNCATE')
             AND has_schema_privilege(whole.relnamespace, 'USAGE') AS "mayLock",
           CASE WHEN pg_partition_root(reference.conrelid) <> reference.conrelid
                THEN (SELECT coalesce(json_agg(tree.relid::oid::text), '[]')
                      FROM pg_partition_tree(reference.conrelid) AS tree WHERE tree.isleaf) END AS leaves
    FROM pg_catalog.pg_constraint AS reference
    JOIN pg_catalog.pg_class AS whole ON whole.oid = coalesce(pg_partition_root(reference.conrelid), reference.conrelid)
    -- since 18
    CROSS JOIN LATERAL (SELECT coalesce((to_jsonb(reference) ->> 'conperiod')::boolean, false) AS period,
                               coalesce((to_jsonb(reference) ->> 'conenforced')::boolean, true) AS enforced) AS kind
    CROSS JOIN LATERAL (
      SELECT json_agg(child.attname ORDER BY key.position) AS columns,
             json_agg(parent.attname ORDER BY key.position) AS referenced,
             json_agg(CASE WHEN kind.period AND key.position = cardinality(reference.conkey) THEN 'OPERATOR(pg_catalog.&&)'
                           WHEN namespace.nspname = 'pg_catalog' THEN operator.oprname
                           ELSE format('OPERATOR(%I.%s)', namespace.nspname, operator.oprname) END
                      ORDER BY key.position) AS operators,
             bool_and(child.attnotnull) AND coalesce(pg_partition_root(reference.conrelid) = reference.conrelid, true) AS required,
             coalesce(json_agg(child.attname ORDER BY key.position) FILTER (WHERE NOT child.attnotnull), '[]') AS nullable
      FROM unnest(reference.conkey, reference.confkey, reference.conpfeqop)
        WITH ORDINALITY AS key (child, parent, operator, position)
      JOIN pg_catalog.pg_attribute AS child ON child.attrelid = reference.conrelid AND child.attnum = key.child
      JOIN pg_catalog.pg_attribute AS parent ON parent.attrelid = reference.confrelid AND parent.attnum = key.parent
      JOIN pg_catalog.pg_operator AS operator ON operator.oid = key.operator
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace
    ) AS pair
    WHERE reference.contype = 'f' AND reference.conparentid = 0
    ORDER BY reference.conrelid, reference.conname`
}

/**
 * Whether an index leads to the rows that refer by a pg_constraint called `reference`. Any order of the columns will
 * do, and what follows them does not matter. An index counts where it is valid, and a partial one where it holds every
 * row whose columns are not null.
 */
export function hasIndex({ sql }: Database) {
  return sql`
    EXISTS (
      SELECT
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
      JOIN pg_catalog.pg_am AS method ON method.oid = index_class.relam
      WHERE index.indrelid = reference.conrelid AND index.indisvalid AND index.indisready
        AND (method.amname IN ('btree', 'hash')
             -- what a PERIOD is looked up by
             OR method.amname = 'gist' AND (to_jsonb(reference) ->> 'conperiod')::boolean)
        AND index.indnkeyatts >= cardinality(reference.conkey)
        AND (index.indkey::int2[])[0:cardinality(reference.conkey) - 1] @> reference.conkey
        AND (index.indpred IS NULL
             -- only IS NOT NULL, joined by AND, of the key's own columns
             OR index.indpred::text !~ '[{](?!NULLTEST|VAR|BOOLEXPR)'
                AND index.indpred::text !~ ':nulltesttype 0|:boolop (or|not)'
                AND (SELECT array_agg(used.number[1]::int2) <@ reference.conkey
                     FROM regexp_matches(index.indpred::text, ':varattno ([0-9]+)', 'g') AS used (number))))`
}
