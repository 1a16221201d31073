import type { PendingQuery, Row } from 'postgres'
import type { Sql } from '../database/connect.ts'
import type { Database } from '../database/database.ts'
import { asNoted } from './as-noted.ts'
import type { Counted, Demand } from './demand.ts'
import { INSTANT } from './instant.ts'
import { inScope, type Scope, shownAs } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** An index, its size in bytes and its use since the counters began. */
export interface IndexStats {
  readonly schema: string
  readonly table: string
  readonly index: string
  readonly bytes: number
  readonly scans: number
  /** From PostgreSQL 16 on. */
  readonly lastUsed: string | null
  readonly rowsRead: number
  readonly rowsFetched: number
  /** access method */
  readonly method: string
  /** Keys in their order, expressions as SQL; null for an expression of a table that somebody locks. */
  readonly columns: readonly (string | null)[]
  readonly includes: readonly string[]
  readonly unique: boolean
  readonly primary: boolean
  readonly partial: boolean
  readonly expression: boolean
  readonly valid: boolean
  readonly ready: boolean
  /** Somebody builds it right now. */
  readonly building: boolean
  /** Of a primary key, unique or exclusion constraint. */
  readonly constraint: string | null
  readonly replicaIdentity: boolean
  readonly clustered: boolean
  /** Foreign keys that delete or update faster with it: those whose columns it begins with. */
  readonly foreignKeys: readonly string[]
  readonly partitions: number
  readonly approximate: boolean
}

/** The largest first; a partitioned index counts for its whole. */
export async function indexStats(
  database: Database,
  scope: Scope,
  demand: Demand,
): Promise<Counted<IndexStats>> {
  const found = await statsWhere(database, scope, demand, database.sql`true`)
  return { rows: found.map(({ total, ...row }) => row), total: found[0]?.total ?? 0 }
}

/**
 * Those that only queries would need and that none has read, the largest first: neither unique nor of a constraint nor
 * a replica identity, and serving no foreign key. Invalid ones are among them.
 */
export async function unusedIndexes(database: Database, scope: Scope, exact: boolean): Promise<IndexStats[]> {
  const { sql } = database
  const unused = sql`
    NOT EXISTS (SELECT FROM measured AS part WHERE part.shown = measured.shown AND pg_stat_get_numscans(part.oid) > 0)
    AND EXISTS (SELECT FROM pg_catalog.pg_index AS index
                WHERE index.indexrelid = measured.shown AND NOT index.indisunique AND NOT index.indisreplident
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS enforced
                                  WHERE enforced.conindid = index.indexrelid AND enforced.contype IN ('p', 'u', 'x'))
                  AND NOT EXISTS (SELECT ${served(sql)}))`
  const found = await statsWhere(database, scope, { exact, first: null }, unused)
  return found.map(({ total, ...row }) => row)
}

/** The foreign keys whose columns the pg_index called `index` begins with. */
function served(sql: Sql) {
  return sql`
    FROM pg_catalog.pg_constraint AS referencing
    WHERE referencing.contype = 'f' AND referencing.conrelid = index.indrelid
      AND index.indnkeyatts >= cardinality(referencing.conkey)
      AND (index.indkey::int2[])[0:cardinality(referencing.conkey) - 1] @> referencing.conkey`
}

/**
 * Those of whose row of `measured` the condition is true. To measure each takes 30 µs of the server's time, so which
 * are the `first` is told from what VACUUM or ANALYZE noted, grown with the table since.
 */
function statsWhere(
  database: Database,
  scope: Scope,
  { exact, first }: Demand,
  isWanted: PendingQuery<Row[]>,
): Promise<(IndexStats & { readonly total: number })[]> {
  return database.query<IndexStats & { readonly total: number }>`
    WITH locked AS MATERIALIZED (${lockedRelations(database)}),
    measured AS (
      SELECT relation.oid, relation.relkind, relation.relpages, ${shownAs(database, scope)} AS shown, part.indrelid AS owner,
             NOT ${exact}::bool OR relation.oid IN (SELECT relation FROM locked) AS approximate
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      JOIN pg_catalog.pg_index AS part ON part.indexrelid = relation.oid
      WHERE (relation.relkind = 'i' OR relation.relkind = 'I' AND NOT ${scope.partitions}::bool)
        AND ${inScope(database, scope)}),
    grown AS (
      SELECT owner.oid, owner.relpages AS pages, pg_relation_size(owner.oid) AS heap
      FROM pg_catalog.pg_class AS owner
      WHERE owner.relkind IN ('r', 'm') AND owner.oid IN (SELECT owner FROM measured WHERE NOT approximate)
        AND owner.oid NOT IN (SELECT relation FROM locked) AND NOT ${asNoted(database.sql, 'owner')}),
    largest AS (
      SELECT shown
      FROM measured
      LEFT JOIN grown ON grown.oid = measured.owner
      GROUP BY shown
      ORDER BY sum(greatest(measured.relpages * current_setting('block_size')::int8,
                            CASE WHEN grown.pages > 0 THEN measured.relpages * (grown.heap / grown.pages)
                                 ELSE grown.heap END)) DESC NULLS LAST, shown
      LIMIT ${first}),
    summed AS (
      SELECT measured.shown,
             sum(CASE WHEN approximate THEN measured.relpages * current_setting('block_size')::int8
                      ELSE pg_relation_size(measured.oid) END)::float8 AS bytes,
             coalesce(sum(used.idx_scan), 0)::float8 AS scans,
             to_char(max((to_jsonb(used) ->> 'last_idx_scan')::timestamptz) AT TIME ZONE 'UTC', ${INSTANT}) AS "lastUsed",
             coalesce(sum(used.idx_tup_read), 0)::float8 AS "rowsRead",
             coalesce(sum(used.idx_tup_fetch), 0)::float8 AS "rowsFetched",
             count(*) FILTER (WHERE measured.oid <> measured.shown AND measured.relkind <> 'I')::int AS partitions,
             bool_or(approximate) AS approximate
      FROM measured
      -- one by one: joined, the view would count for every index that there is
      LEFT JOIN LATERAL (
        SELECT * FROM pg_catalog.pg_stat_all_indexes WHERE indexrelid = measured.oid OFFSET 0) AS used ON true
      WHERE (${first}::int IS NULL OR measured.shown IN (SELECT shown FROM largest)) AND ${isWanted}
      GROUP BY measured.shown)
    SELECT namespace.nspname AS schema, owner.relname AS "table", relation.relname AS index,
           summed.bytes, summed.scans, summed."lastUsed", summed."rowsRead", summed."rowsFetched",
           method.amname AS method, keys.columns, keys.includes,
           index.indisunique AS "unique", index.indisprimary AS "primary", index.indpred IS NOT NULL AS partial,
           index.indexprs IS NOT NULL AS expression, index.indisvalid AS valid, index.indisready AS ready,
           index.indexrelid IN (SELECT index_relid FROM pg_catalog.pg_stat_progress_create_index) AS building,
           enforced.conname AS "constraint",
           index.indisreplident AS "replicaIdentity", index.indisclustered AS clustered,
           coalesce((SELECT json_agg(referencing.conname ORDER BY referencing.conname)
                     ${served(database.sql)}), '[]') AS "foreignKeys",
           summed.partitions, summed.approximate, (SELECT count(DISTINCT shown) FROM measured)::int AS total
    FROM summed
    JOIN pg_catalog.pg_index AS index ON index.indexrelid = summed.shown
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_class AS owner ON owner.oid = index.indrelid
    JOIN pg_catalog.pg_am AS method ON method.oid = relation.relam
    LEFT JOIN pg_catalog.pg_constraint AS enforced
      ON enforced.conindid = index.indexrelid AND enforced.contype IN ('p', 'u', 'x')
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(CASE WHEN key.attnum <> 0 THEN attribute.attname
                                    WHEN NOT summed.approximate AND index.indrelid NOT IN (SELECT relation FROM locked)
                                      THEN pg_get_indexdef(index.indexrelid, key.position::int, true) END
                               ORDER BY key.position) FILTER (WHERE key.position <= index.indnkeyatts), '[]') AS columns,
             coalesce(json_agg(attribute.attname ORDER BY key.position) FILTER (WHERE key.position > index.indnkeyatts), '[]') AS includes
      FROM unnest(index.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
      LEFT JOIN pg_catalog.pg_attribute AS attribute
        ON attribute.attrelid = index.indrelid AND attribute.attnum = key.attnum AND key.attnum <> 0) AS keys
    ORDER BY summed.bytes DESC, schema, "table", index`
}
