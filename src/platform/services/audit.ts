import { auditLogs } from '../schema/audit.ts'
import type { JsonObject } from '../schema/json.ts'
import type { Db } from './db.ts'

/** Who does something: of the application a user, of the command line the operating system's user and the command. */
export interface Actor {
  readonly userId?: string
  readonly operator?: string
  readonly command?: string
}

export interface AuditEntry {
  readonly action: string
  readonly table: string
  readonly record: string | number
  readonly projectId?: string
  readonly changes?: JsonObject
}

/** Writes down what was done, and by whom. */
export async function audit(db: Db, { userId, ...by }: Actor, entry: AuditEntry): Promise<void> {
  await db.insert(auditLogs).values({
    userId: userId ?? null,
    projectId: entry.projectId ?? null,
    action: entry.action,
    tableName: entry.table,
    recordId: String(entry.record),
    changes: { ...entry.changes, ...by },
  })
}

/** Runs `work` and writes its audit row in one transaction: both or neither. */
export async function audited<T>(
  db: Db,
  by: Actor,
  work: (tx: Db) => Promise<T>,
  entryOf: (result: T) => AuditEntry,
): Promise<T> {
  return db.transaction(async tx => {
    const result = await work(tx)
    await audit(tx, by, entryOf(result))
    return result
  })
}
