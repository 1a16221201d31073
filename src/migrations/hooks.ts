import type { OpsConfig } from '../config.ts'
import type { Database } from '../database/database.ts'

/** `ops.migrate`: what a project does around each migration, in its transaction. */
export type Hooks = NonNullable<OpsConfig['migrate']>

/** Queries of a hook: a tagged template whose values are bound, in the migration's own transaction. */
export type HookTransaction = Parameters<NonNullable<Hooks['before']>>[0]

export function transactionOf(database: Database): HookTransaction {
  return database.query
}
