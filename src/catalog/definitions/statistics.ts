import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface StatisticsDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  readonly table: Oid
  /** As SQL. */
  readonly definition: string
}

/** What CREATE STATISTICS made. */
export async function listStatistics(database: Database): Promise<StatisticsDefinition[]> {
  return database.query<StatisticsDefinition>`
    SELECT statistics.oid::text AS oid, namespace.nspname AS schema, statistics.stxname AS name,
           statistics.stxrelid::text AS "table", pg_get_statisticsobjdef(statistics.oid) AS definition
    FROM pg_catalog.pg_statistic_ext AS statistics
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = statistics.stxnamespace
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
    ORDER BY schema, name`
}
