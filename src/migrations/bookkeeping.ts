import type { HistoryTable } from './history.ts'

/** How far a migration came that runs outside transactions. */
export const PROGRESS_TABLE = 'drizzle_ops_progress'
/** The runs of cleanup, for the next one to go on and for health to judge. */
export const RUNS_TABLE = 'drizzle_ops_runs'
/** Which numbers an import gave to which rows, so that the same salt gives them again. */
export const IDS_TABLE = 'drizzle_ops_ids'

/** Our own tables beside drizzle's, made at the first need; drizzle never looks at them. */
const OWN_TABLES = [PROGRESS_TABLE, RUNS_TABLE, IDS_TABLE]

/** The tables that are nobody's data: drizzle's history and ours, all in one schema. */
export function bookkeepingTables({ table }: HistoryTable): string[] {
  return [table, ...OWN_TABLES]
}

/** Whether a table is one of them. */
export function isBookkeeping(
  { schema, name }: { readonly schema: string; readonly name: string },
  history: HistoryTable,
): boolean {
  return schema === history.schema && bookkeepingTables(history).includes(name)
}
