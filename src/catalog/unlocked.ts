import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'

/**
 * The relations that somebody holds or waits for in ACCESS EXCLUSIVE mode, and the tables of those that are
 * indexes or TOAST. pg_total_relation_size and pg_get_indexdef of such a one would wait until that session is done.
 */
export function lockedRelations({ sql }: Database) {
  return sql`
    SELECT held.relation
    FROM pg_catalog.pg_locks AS held
    WHERE held.locktype = 'relation' AND held.mode = 'AccessExclusiveLock' AND held.pid <> pg_backend_pid()
      AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`
}

/** SQLSTATE lock_not_available */
const NOT_AVAILABLE = '55P03'

/**
 * Asks a question for exact sizes and definitions, and once more for what needs no lock where one came up in
 * between. The session's lock_timeout bounds the wait.
 */
export async function withoutWaiting<T>(ask: (exact: boolean) => Promise<T>): Promise<T> {
  try {
    return await ask(true)
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate !== NOT_AVAILABLE) throw error
    return ask(false)
  }
}
