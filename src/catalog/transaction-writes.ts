import type { Database } from '../database/database.ts'

export interface TableWrites {
  readonly table: string
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/**
 * Rows that this session has written and not reported yet, those of foreign keys' actions and triggers included: what
 * the open transaction did, where the session did nothing before it. TRUNCATE counts none.
 */
export async function transactionWrites({ query }: Pick<Database, 'query'>): Promise<TableWrites[]> {
  return query<TableWrites>`
    SELECT schemaname || '.' || relname AS "table", n_tup_ins::float8 AS inserted,
           n_tup_upd::float8 AS updated, n_tup_del::float8 AS deleted
    FROM pg_catalog.pg_stat_xact_user_tables
    WHERE n_tup_ins > 0 OR n_tup_upd > 0 OR n_tup_del > 0
    ORDER BY 1`
}
