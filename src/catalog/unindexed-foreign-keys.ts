import type { Database } from '../database/database.ts'
import { hasIndex } from './foreign-keys.ts'
import { inScope, type Scope } from './scope.ts'

/** A foreign key whose columns no index begins with: each delete of a parent reads the whole child. */
export interface UnindexedForeignKey {
  readonly schema: string
  readonly table: string
  readonly constraint: string
  readonly columns: readonly string[]
  /** `schema.table` */
  readonly references: string
  readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'
  /** As VACUUM or ANALYZE noted it last. */
  readonly bytes: number
  readonly rows: number | null
  readonly create: string
}

/** By size. NOT ENFORCED keys (18) look nothing up. */
export async function unindexedForeignKeys(database: Database, scope: Scope): Promise<UnindexedForeignKey[]> {
  return database.query<UnindexedForeignKey>`
    SELECT namespace.nspname AS schema, relation.relname AS "table", reference.conname AS "constraint",
           named.columns, parent_namespace.nspname || '.' || parent.relname AS "references",
           CASE reference.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                                        WHEN 'n' THEN 'set null' ELSE 'set default' END AS "onDelete",
           (held.relpages * current_setting('block_size')::int8)::float8 AS bytes, held.rows,
           format('CREATE INDEX %sON %I.%I (%s)', CASE WHEN relation.relkind = 'r' THEN 'CONCURRENTLY ' ELSE '' END,
                  namespace.nspname, relation.relname, named.list) AS create
    FROM pg_catalog.pg_constraint AS reference
    JOIN pg_catalog.pg_class AS relation ON relation.oid = reference.conrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_class AS parent ON parent.oid = reference.confrelid
    JOIN pg_catalog.pg_namespace AS parent_namespace ON parent_namespace.oid = parent.relnamespace
    CROSS JOIN LATERAL (
      SELECT json_agg(attribute.attname ORDER BY key.position) AS columns,
             string_agg(quote_ident(attribute.attname), ', ' ORDER BY key.position) AS list
      FROM unnest(reference.conkey) WITH ORDINALITY AS key (attnum, position)
      JOIN pg_catalog.pg_attribute AS attribute
        ON attribute.attrelid = reference.conrelid AND attribute.attnum = key.attnum) AS named
    CROSS JOIN LATERAL (
      -- from the catalog itself: pg_partition_tree locks each partition
      WITH RECURSIVE part (oid) AS (
        SELECT relation.oid
        UNION ALL
        SELECT inherited.inhrelid FROM part JOIN pg_catalog.pg_inherits AS inherited ON inherited.inhparent = part.oid
        WHERE relation.relkind = 'p')
      SELECT sum(leaf.relpages) AS relpages, sum(leaf.reltuples) FILTER (WHERE leaf.reltuples >= 0)::float8 AS rows
      FROM part JOIN pg_catalog.pg_class AS leaf USING (oid)
      WHERE leaf.relkind <> 'p') AS held
    WHERE reference.contype = 'f' AND reference.conparentid = 0
      AND coalesce((to_jsonb(reference) ->> 'conenforced')::bool, true)
      AND ${inScope(database, scope)}
      AND NOT ${hasIndex(database)}
    ORDER BY held.relpages DESC, schema, "table", "constraint"`
}
