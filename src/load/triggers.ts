import { listInsertTriggers } from '../catalog/insert-triggers.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { altered, OpsError } from '../errors.ts'
import type { Loading } from './state.ts'

/** A trigger of users' own, and the table that it fires on. */
export interface Trigger {
  readonly table: string
  readonly trigger: string
}

/** Triggers of users' own on the tables that rows go to. */
export async function triggersOf({ database, tables }: Loading): Promise<Trigger[]> {
  const found = await listInsertTriggers(
    database,
    tables.filter(({ matched }) => !matched).map(({ table }) => table.oid),
  )
  return found.map(({ table, name }) => ({
    table: tables.find(load => load.table.oid === table)?.archived.table ?? '',
    trigger: name,
  }))
}

/**
 * Keeps triggers from firing, those of foreign keys too: what they would look for is looked for afterwards.
 * Throws OpsError `permission-denied`.
 */
export async function keepTriggers(database: Database): Promise<void> {
  try {
    await database.script('SET LOCAL session_replication_role = replica')
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate !== '42501') throw error
    const { user } = database.identity
    throw altered(error, {
      message: `${user} may not keep triggers from firing.`,
      hint: `As a superuser: GRANT SET ON PARAMETER session_replication_role TO ${quoted(user)}, or leave --no-triggers out.`,
    })
  }
}
