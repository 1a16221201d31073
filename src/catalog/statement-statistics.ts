import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'

export interface StatementStatistics {
  readonly available: boolean
  /** The schema of the extension pg_stat_statements; null where it is not created in this database. */
  readonly schema: string | null
  /** Whether the server loads it at its start: otherwise it counts nothing and cannot be read. */
  readonly loaded: boolean
}

/** Its own settings are there, and everybody's to see, only where the server has loaded it. */
export async function statementStatistics(database: Database): Promise<StatementStatistics> {
  const [row] = (await database.query<StatementStatistics>`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pg_stat_statements') AS available,
           (SELECT extnamespace::regnamespace::text FROM pg_catalog.pg_extension
            WHERE extname = 'pg_stat_statements') AS schema,
           EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max') AS loaded
    `) as [StatementStatistics]
  return row
}

/** How often statements were thrown out for want of room, since the extension's counters began. */
export async function evictedStatements(database: Database, schema: string): Promise<number> {
  const [row] = await database.query<{ evictions: number }>`
    SELECT dealloc::float8 AS evictions FROM ${identifier(database.sql, schema, 'pg_stat_statements_info')}`
  return row?.evictions ?? 0
}
