import type { Database } from '../database/database.ts'

export interface TableRows {
  readonly schema: string
  readonly name: string
  /** As estimated, the larger of what ANALYZE saw and what the statistics have counted since. */
  readonly rows: number
}

/**
 * How many rows each table and materialized view holds, read from statistics alone. Where there are none (a new table,
 * or a server that has crashed) its size tells, at 50 bytes a row.
 */
export async function listTableRows(database: Database): Promise<TableRows[]> {
  return database.query<TableRows>`
    SELECT namespace.nspname AS schema, relation.relname AS name,
           CASE WHEN greatest(relation.reltuples, statistics.n_live_tup) > 0
                  THEN greatest(relation.reltuples, statistics.n_live_tup)::float8
                WHEN relation.reltuples = 0 OR pg_relation_size(relation.oid) = 0 THEN 0
                ELSE pg_relation_size(relation.oid) / 50.0
           END::float8 AS rows
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_stat_all_tables AS statistics ON statistics.relid = relation.oid
    WHERE relation.oid >= 16384 AND relation.relkind IN ('r', 'm')
      AND namespace.nspname !~ '^pg_(toast|temp)'`
}
