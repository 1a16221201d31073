import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { inScope, type Scope } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** What a table takes and what its rows would take if it were written anew. TOAST and indexes are left out. */
export interface Bloat {
  readonly schema: string
  readonly table: string
  readonly bytes: number
  readonly expectedBytes: number | null
  readonly bloatBytes: number | null
  readonly bloatRatio: number | null
  /** False where statistics are missing, or where wide values may lie elsewhere. An estimate is never more than a hint. */
  readonly reliable: boolean
}

/**
 * From the widths that ANALYZE has seen: 24 bytes before each row, its columns aligned by 8 bytes as a whole, 24
 * before each page, and the fillfactor. Values that TOAST may have moved away count 18 bytes where they lie elsewhere.
 * https://www.postgresql.org/docs/current/storage-page-layout.html
 */
export async function estimatedBloat(database: Database, scope: Scope): Promise<Bloat[]> {
  return database.query<Bloat>`
    WITH measured AS (
      SELECT namespace.nspname AS schema, relation.relname AS "table", relation.relpages, relation.reltuples,
             relation.relpages * block.size AS bytes, block.size,
             coalesce((SELECT option_value::float8 FROM pg_options_to_table(relation.reloptions)
                       WHERE option_name = 'fillfactor'), 100) / 100 AS fillfactor,
             width.bytes AS width, width.known AND NOT width.toastable AS reliable
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      CROSS JOIN (SELECT current_setting('block_size')::float8 AS size) AS block
      CROSS JOIN LATERAL (
        SELECT sum((1 - statistics.null_frac) * statistics.avg_width) AS bytes, count(statistics.attname) = count(*) AS known,
               coalesce(bool_or(statistics.avg_width > 500 AND attribute.attstorage <> 'p'), false)
                 OR coalesce((SELECT toast.relpages > 0 OR pg_stat_get_tuples_inserted(toast.oid) > 0
                              FROM pg_catalog.pg_class AS toast WHERE toast.oid = relation.reltoastrelid), false) AS toastable
        FROM pg_catalog.pg_attribute AS attribute
        LEFT JOIN pg_catalog.pg_stats AS statistics
          ON statistics.schemaname = namespace.nspname AND statistics.tablename = relation.relname
          AND statistics.attname = attribute.attname AND NOT statistics.inherited
        WHERE attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped) AS width
      WHERE relation.relkind IN ('r', 'm') AND relation.relpages > 0 AND relation.reltuples >= 0 AND ${inScope(database, scope)})
    SELECT schema, "table", measured.bytes, expected.bytes AS "expectedBytes",
           expected.surplus AS "bloatBytes", expected.surplus / measured.bytes AS "bloatRatio",
           reliable AND measured.width IS NOT NULL AS reliable
    FROM measured
    CROSS JOIN LATERAL (
      -- 4 bytes of line pointer; a page holds what fits, whole rows only
      SELECT CASE WHEN reltuples = 0 THEN 0 WHEN width IS NOT NULL THEN
               ceil(reltuples / greatest(floor((size - 24) * fillfactor / (28 + ceil(width / 8) * 8)), 1)) * size END AS bytes) AS needed
    -- greatest() would take what is unknown for nothing
    CROSS JOIN LATERAL (
      SELECT needed.bytes, CASE WHEN needed.bytes IS NOT NULL THEN greatest(measured.bytes - needed.bytes, 0) END AS surplus) AS expected
    ORDER BY "bloatBytes" DESC NULLS LAST, schema, "table"`
}

/** Measured by pgstattuple_approx, which reads the pages that are not all visible. Our role needs pg_stat_scan_tables. */
export async function measuredBloat(database: Database, scope: Scope, extension: string): Promise<Bloat[]> {
  return database.query<Bloat>`
    WITH locked AS MATERIALIZED (${lockedRelations(database)})
    SELECT namespace.nspname AS schema, relation.relname AS "table", measured.table_len::float8 AS bytes,
           (measured.table_len - measured.approx_free_space - measured.dead_tuple_len)::float8 AS "expectedBytes",
           (measured.approx_free_space + measured.dead_tuple_len)::float8 AS "bloatBytes",
           ((measured.approx_free_space + measured.dead_tuple_len) / nullif(measured.table_len, 0)::float8) AS "bloatRatio",
           true AS reliable
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    CROSS JOIN LATERAL ${identifier(database.sql, extension, 'pgstattuple_approx')}(relation.oid::regclass) AS measured
    WHERE relation.relkind IN ('r', 'm') AND relation.oid NOT IN (SELECT relation FROM locked) AND ${inScope(database, scope)}
    ORDER BY "bloatBytes" DESC, schema, "table"`
}
