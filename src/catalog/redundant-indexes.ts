import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'

/** An index that another one does all the work of. */
export interface RedundantIndex {
  readonly schema: string
  readonly table: string
  readonly index: string
  readonly coveredBy: string
  /** The same columns, not only the first ones. */
  readonly exact: boolean
  /** As VACUUM or ANALYZE noted it last. */
  readonly bytes: number
  readonly drop: string
}

/**
 * Covered is what a valid index of the same method, operator classes, collations, order and predicate begins with.
 * What a constraint, a replica identity or CLUSTER needs stays, and so does uniqueness that only it enforces.
 */
export async function redundantIndexes(database: Database, scope: Scope): Promise<RedundantIndex[]> {
  const { sql } = database
  // where the words of a predicate stood in its statement is no part of it; noted before PostgreSQL 18
  const words = (tree: string) =>
    sql`regexp_replace(${sql.unsafe(tree)}::text, ':location -?[0-9]+', '', 'g')`
  return database.query<RedundantIndex>`
    WITH candidate AS MATERIALIZED (
      SELECT index.*, relation.relname, relation.relam, relation.relpages, relation.relispartition, relation.relkind,
             namespace.nspname, owner.relname AS owner,
             index.indkey::int2[] AS keys, index.indclass::oid[] AS classes,
             index.indcollation::oid[] AS collations, index.indoption::int2[] AS orders,
             ${words('indpred')} AS predicate, ${words('indexprs')} AS expressions,
             CASE WHEN index.indisunique
               THEN coalesce((to_jsonb(index) ->> 'indnullsnotdistinct')::bool, false) END AS nulls_equal
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
      JOIN pg_catalog.pg_class AS owner ON owner.oid = index.indrelid
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE index.indisvalid AND index.indisready AND ${inScope(database, scope)})
    SELECT DISTINCT ON (less.indexrelid)
           less.nspname AS schema, less.owner AS "table", less.relname AS index, more.relname AS "coveredBy",
           less.indnatts = more.indnatts AS exact,
           (less.relpages * current_setting('block_size')::int8)::float8 AS bytes,
           format('DROP INDEX %s%I.%I', CASE WHEN less.relkind = 'i' THEN 'CONCURRENTLY ' ELSE '' END,
                  less.nspname, less.relname) AS drop
    FROM candidate AS less
    JOIN candidate AS more
      ON more.indrelid = less.indrelid AND more.indexrelid <> less.indexrelid AND more.relam = less.relam
    WHERE NOT less.relispartition AND NOT less.indisprimary AND NOT less.indisexclusion AND NOT less.indisreplident
      AND NOT less.indisclustered AND less.indnatts = less.indnkeyatts
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = less.indexrelid)
      AND less.predicate IS NOT DISTINCT FROM more.predicate
      AND (less.expressions IS NULL OR less.expressions = more.expressions AND less.indnatts = more.indnkeyatts)
      AND more.indnkeyatts >= less.indnkeyatts
      AND more.keys[0:less.indnkeyatts - 1] = less.keys[0:less.indnkeyatts - 1]
      AND more.classes[0:less.indnkeyatts - 1] = less.classes[0:less.indnkeyatts - 1]
      AND more.collations[0:less.indnkeyatts - 1] = less.collations[0:less.indnkeyatts - 1]
      AND more.orders[0:less.indnkeyatts - 1] = less.orders[0:less.indnkeyatts - 1]
      AND (NOT less.indisunique
           OR more.indisunique AND more.indimmediate AND more.indnkeyatts = less.indnkeyatts
              AND more.nulls_equal = less.nulls_equal)
      -- of two that cover each other the one with more to keep it stays, then the older one
      AND (more.indnkeyatts > less.indnkeyatts OR more.indnatts > less.indnatts
           OR more.indisunique AND NOT less.indisunique
           OR EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = more.indexrelid)
           OR more.indisreplident OR more.indisclustered
           OR less.indexrelid > more.indexrelid)
    ORDER BY less.indexrelid, more.indisprimary DESC, more.indisunique DESC, more.indexrelid`
}
