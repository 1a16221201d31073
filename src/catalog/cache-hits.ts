import type { Database } from '../database/database.ts'
import { inScope, type Scope, shownAs } from './scope.ts'

/** Blocks that were found in shared buffers and blocks that had to be read, from the disk or the system's cache. */
export interface CacheHits {
  readonly kind: 'database' | 'table' | 'index'
  readonly schema: string | null
  readonly table: string | null
  readonly name: string
  readonly hits: number
  readonly reads: number
  /** null where nothing was asked for. */
  readonly ratio: number | null
}

/** The whole database, its tables with their TOAST, and its indexes. */
export async function cacheHits(database: Database, scope: Scope): Promise<CacheHits[]> {
  return database.query<CacheHits>`
    SELECT counted.*, hits / nullif(hits + reads, 0) AS ratio
    FROM (
      SELECT 'database' AS kind, NULL AS schema, NULL AS "table", datname AS name,
             blks_hit::float8 AS hits, blks_read::float8 AS reads
      FROM pg_catalog.pg_stat_database
      WHERE datname = current_database()
      UNION ALL
      SELECT part.kind, namespace.nspname, owner.relname, shown.relname, sum(part.hits)::float8, sum(part.reads)::float8
      FROM (
        SELECT 'table' AS kind, ${shownAs(database, scope)} AS shown, ${shownAs(database, scope)} AS owner,
               coalesce(used.heap_blks_hit, 0) + coalesce(used.toast_blks_hit, 0) + coalesce(used.tidx_blks_hit, 0) AS hits,
               coalesce(used.heap_blks_read, 0) + coalesce(used.toast_blks_read, 0) + coalesce(used.tidx_blks_read, 0) AS reads
        FROM pg_catalog.pg_statio_all_tables AS used
        JOIN pg_catalog.pg_class AS relation ON relation.oid = used.relid AND relation.relkind <> 't'
        JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
        WHERE ${inScope(database, scope)}
        UNION ALL
        SELECT 'index', ${shownAs(database, scope)},
               (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = ${shownAs(database, scope)}),
               used.idx_blks_hit, used.idx_blks_read
        FROM pg_catalog.pg_statio_all_indexes AS used
        JOIN pg_catalog.pg_class AS relation ON relation.oid = used.indexrelid
        JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
        WHERE ${inScope(database, scope)}) AS part
      JOIN pg_catalog.pg_class AS shown ON shown.oid = part.shown
      JOIN pg_catalog.pg_class AS owner ON owner.oid = part.owner
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = shown.relnamespace
      GROUP BY part.kind, namespace.nspname, owner.relname, shown.relname) AS counted
    ORDER BY kind = 'database' DESC, reads DESC, schema, name`
}
