import type { Database } from '../database/database.ts'

export interface TableChanges {
  readonly table: string
  readonly deleted: number
  readonly updated: number
}

/**
 * Rows that this session has deleted and updated in each table and not reported yet, those of foreign keys' actions
 * included. Two calls in one transaction differ by what lies between them.
 */
export async function transactionChanges(database: Database): Promise<TableChanges[]> {
  return database.query<TableChanges>`
    SELECT schemaname || '.' || relname AS "table", n_tup_del::float8 AS deleted, n_tup_upd::float8 AS updated
    FROM pg_catalog.pg_stat_xact_user_tables
    WHERE n_tup_del > 0 OR n_tup_upd > 0`
}
