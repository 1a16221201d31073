import type { Database } from '../database/database.ts'
import { asNoted } from './as-noted.ts'
import type { Counted, Demand } from './demand.ts'
import { INSTANT } from './instant.ts'
import { inScope, type Scope, shownAs } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** What a table holds and how it has been used since the counters began. Bytes and rows; null is unknown. */
export interface TableStats {
  readonly schema: string
  readonly table: string
  readonly totalBytes: number
  readonly heapBytes: number
  readonly toastBytes: number
  readonly indexBytes: number
  /** Estimated by the last VACUUM or ANALYZE; null before the first. */
  readonly rows: number | null
  readonly deadRows: number
  readonly rowBytes: number | null
  readonly seqScans: number
  readonly seqRowsRead: number
  readonly indexScans: number
  readonly indexRowsRead: number
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly hotUpdates: number
  /** From PostgreSQL 16 on. */
  readonly newPageUpdates: number | null
  readonly fillfactor: number
  readonly lastVacuum: string | null
  readonly lastAnalyze: string | null
  readonly partitions: number
  /** Somebody locks it: its sizes are those that VACUUM or ANALYZE noted last. */
  readonly approximate: boolean
}

/**
 * Tables and materialized views, the largest first. To measure a relation takes 30 µs of the server's time, so which
 * are the `first` is told from what VACUUM or ANALYZE noted of heap and TOAST where they have not changed since, and of
 * the indexes, grown with the heap.
 */
export async function tableStats(
  database: Database,
  scope: Scope,
  { exact, first }: Demand,
): Promise<Counted<TableStats>> {
  const { sql } = database
  const found = await database.query<TableStats & { total: number }>`
    WITH locked AS MATERIALIZED (${lockedRelations(database)}),
    blocked AS MATERIALIZED (
      SELECT relation AS oid FROM locked
      UNION SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid IN (SELECT relation FROM locked)
      UNION SELECT oid FROM pg_catalog.pg_class WHERE reltoastrelid IN (SELECT relation FROM locked)),
    measured AS (
      SELECT relation.oid, relation.relkind, relation.relpages, relation.reltuples, relation.reloptions, relation.relpersistence, relation.reltoastrelid,
             ${shownAs(database, scope)} AS shown,
             NOT ${exact}::bool OR relation.oid IN (SELECT oid FROM blocked) AS approximate
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE (relation.relkind IN ('r', 'm') OR relation.relkind = 'p' AND NOT ${scope.partitions}::bool)
        AND ${inScope(database, scope)}),
    noted AS (
      SELECT index.indrelid AS oid, count(*) AS indexes, sum(index_class.relpages) AS pages
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
      GROUP BY index.indrelid),
    largest AS (
      SELECT shown
      FROM measured
      LEFT JOIN noted ON noted.oid = measured.oid
      LEFT JOIN pg_catalog.pg_class AS kept ON kept.oid = measured.reltoastrelid
      CROSS JOIN LATERAL (
        SELECT CASE WHEN approximate OR ${asNoted(sql, 'measured')} THEN measured.relpages * ${blockSize(sql)}
                    ELSE pg_relation_size(measured.oid) END AS heap,
               CASE WHEN approximate OR pg_stat_get_tuples_inserted(measured.oid) > 0 AND pg_stat_get_ins_since_vacuum(kept.oid) = 0
                      THEN kept.relpages * ${blockSize(sql)}
                    ELSE pg_relation_size(kept.oid) END AS toast OFFSET 0) AS held
      GROUP BY shown
      ORDER BY sum(heap + coalesce(toast, 0)
                     + coalesce(greatest(noted.pages * ${blockSize(sql)},
                                         CASE WHEN measured.relpages > 0 THEN noted.pages * (heap / measured.relpages)
                                              ELSE noted.indexes * heap END), 0)) DESC NULLS LAST, shown
      LIMIT ${first}),
    sized AS (
      SELECT measured.*,
             CASE WHEN approximate THEN relpages * ${blockSize(sql)}
                  ELSE pg_relation_size(measured.oid, 'main') + pg_relation_size(measured.oid, 'fsm')
                         + pg_relation_size(measured.oid, 'vm')
                         + CASE WHEN relpersistence = 'u' THEN pg_relation_size(measured.oid, 'init') ELSE 0 END END AS heap,
             CASE WHEN approximate THEN ${notedToast(sql)}
                  WHEN reltoastrelid <> 0 THEN pg_total_relation_size(reltoastrelid) ELSE 0 END AS toast,
             CASE WHEN approximate THEN
               (SELECT coalesce(sum(index_class.relpages), 0) * ${blockSize(sql)}
                FROM pg_catalog.pg_index AS index
                JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
                WHERE index.indrelid = measured.oid)
               ELSE pg_indexes_size(measured.oid) END AS indexes
      FROM measured
      WHERE ${first}::int IS NULL OR shown IN (SELECT shown FROM largest))
    SELECT namespace.nspname AS schema, root.relname AS "table",
           sum(heap + toast + indexes)::float8 AS "totalBytes", sum(heap)::float8 AS "heapBytes",
           sum(toast)::float8 AS "toastBytes", sum(indexes)::float8 AS "indexBytes",
           sum(sized.reltuples) FILTER (WHERE sized.reltuples >= 0 AND sized.relkind <> 'p')::float8 AS rows,
           coalesce(sum(used.n_dead_tup), 0)::float8 AS "deadRows",
           (sum(sized.relpages) * ${blockSize(sql)}
             / nullif(sum(sized.reltuples) FILTER (WHERE sized.reltuples >= 0 AND sized.relkind <> 'p'), 0))::float8 AS "rowBytes",
           coalesce(sum(used.seq_scan), 0)::float8 AS "seqScans",
           coalesce(sum(used.seq_tup_read), 0)::float8 AS "seqRowsRead",
           coalesce(sum(used.idx_scan), 0)::float8 AS "indexScans",
           coalesce(sum(used.idx_tup_fetch), 0)::float8 AS "indexRowsRead",
           coalesce(sum(used.n_tup_ins), 0)::float8 AS inserts,
           coalesce(sum(used.n_tup_upd), 0)::float8 AS updates,
           coalesce(sum(used.n_tup_del), 0)::float8 AS deletes,
           coalesce(sum(used.n_tup_hot_upd), 0)::float8 AS "hotUpdates",
           sum((to_jsonb(used) ->> 'n_tup_newpage_upd')::int8)::float8 AS "newPageUpdates",
           coalesce(min((SELECT option_value::int FROM pg_options_to_table(sized.reloptions)
                         WHERE option_name = 'fillfactor')), 100) AS fillfactor,
           to_char(max(greatest(used.last_vacuum, used.last_autovacuum)) AT TIME ZONE 'UTC', ${INSTANT}) AS "lastVacuum",
           to_char(max(greatest(used.last_analyze, used.last_autoanalyze)) AT TIME ZONE 'UTC', ${INSTANT}) AS "lastAnalyze",
           count(*) FILTER (WHERE sized.oid <> sized.shown AND sized.relkind <> 'p')::int AS partitions,
           bool_or(approximate) AS approximate,
           (SELECT count(DISTINCT shown) FROM measured)::int AS total
    FROM sized
    JOIN pg_catalog.pg_class AS root ON root.oid = sized.shown
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = root.relnamespace
    -- one by one: joined, the view would count for every table and index that there is
    LEFT JOIN LATERAL (
      SELECT * FROM pg_catalog.pg_stat_all_tables WHERE relid = sized.oid OFFSET 0) AS used ON sized.relkind <> 'p'
    GROUP BY sized.shown, namespace.nspname, root.relname
    ORDER BY "totalBytes" DESC, schema, "table"`
  return { rows: found.map(({ total, ...row }) => row), total: found[0]?.total ?? 0 }
}

function blockSize(sql: Database['sql']) {
  return sql`current_setting('block_size')::int8`
}

/** The TOAST table and its index, as noted. */
function notedToast(sql: Database['sql']) {
  return sql`
    coalesce((SELECT sum(toast.relpages) * ${blockSize(sql)}
              FROM pg_catalog.pg_class AS toast
              WHERE toast.oid = measured.reltoastrelid
                 OR toast.oid IN (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = measured.reltoastrelid)), 0)`
}
