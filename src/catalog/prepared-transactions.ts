import type { Database } from '../database/database.ts'

export interface PreparedTransaction {
  readonly gid: string
  readonly owner: string
  /** Seconds since PREPARE TRANSACTION. */
  readonly seconds: number
}

/** The prepared transactions of this database, the oldest first. */
export async function preparedTransactions(database: Database): Promise<PreparedTransaction[]> {
  return database.query<PreparedTransaction>`
    SELECT gid, owner, extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds
    FROM pg_catalog.pg_prepared_xacts
    WHERE database = current_database()
    ORDER BY prepared, gid`
}
