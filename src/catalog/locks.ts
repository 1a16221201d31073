import type { Database } from '../database/database.ts'
import type { LockKey } from '../database/lock.ts'

/** A session that holds a lock. What our role may not see is null. */
export interface LockHolder {
  readonly pid: number
  readonly user: string | null
  readonly applicationName: string | null
  readonly state: string | null
  /** ISO 8601: when its transaction or its session's current state began. */
  readonly since: string | null
  readonly query: string | null
}

/** What tells a person which session it is, of a pg_stat_activity called `activity`. */
export function holderColumns({ sql }: Database) {
  return sql`
           activity.pid,
           activity.usename AS "user",
           activity.application_name AS "applicationName",
           activity.state,
           to_char(coalesce(activity.xact_start, activity.state_change, activity.backend_start) AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
           left(activity.query, 200) AS query`
}

/**
 * Who holds an advisory lock of the two-key kind (objsubid 2) in this database.
 * https://www.postgresql.org/docs/current/view-pg-locks.html
 */
export async function blockersOfLock(
  database: Database,
  { classId, objectId }: LockKey,
): Promise<LockHolder[]> {
  return database.query<LockHolder>`
    SELECT ${holderColumns(database)}
    FROM pg_catalog.pg_locks AS held
    JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = held.pid
    WHERE held.locktype = 'advisory'
      AND held.granted
      AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND held.classid::bigint = (${classId}::int::bigint & 4294967295)
      AND held.objid::bigint = (${objectId}::int::bigint & 4294967295)
      AND held.objsubid = 2
      AND held.pid <> pg_backend_pid()
    ORDER BY activity.pid`
}

/** Whether our session holds that lock, for itself or for its transaction. */
export async function holdsLock(database: Database, key: LockKey): Promise<boolean> {
  const [row] = (await database.script(holdsLockSql(key))) as [{ held: boolean }]
  return row.held
}

/** The same question as text, to be asked together with others. The keys are integers of our own making. */
export function holdsLockSql({ classId, objectId }: LockKey): string {
  return `
    SELECT EXISTS (
      SELECT FROM pg_catalog.pg_locks
      WHERE locktype = 'advisory'
        AND granted
        AND pid = pg_backend_pid()
        AND classid::bigint = ${classId >>> 0}
        AND objid::bigint = ${objectId >>> 0}
        AND objsubid = 2
    ) AS held`
}
