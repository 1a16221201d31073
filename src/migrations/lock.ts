import { type LockKey, lockKey } from '../database/lock.ts'
import type { Project } from '../project/project.ts'

/** The lock that everything takes which changes the history. The server scopes it to the database by itself. */
export function migrationLock({ migrationsTable: { schema, table } }: Project): LockKey {
  return lockKey('migrate', schema, table)
}
