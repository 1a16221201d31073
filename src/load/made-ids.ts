import { quoted } from '../database/identifier.ts'
import { currentOf, type Loading } from './state.ts'
import { LINE, type LoadTable, stageOf } from './tables.ts'

/** An id that was made, before and after; of several columns joined by commas. */
export interface MadeId {
  readonly table: string
  readonly old: string
  readonly new: string
}

/** The ids that were made, for whoever asks. */
export async function listIds(loading: Loading): Promise<MadeId[]> {
  const ids: MadeId[] = []
  for (const load of loading.tables.filter(({ matched }) => !matched))
    ids.push(...(await idsOf(loading, load)))
  return ids
}

async function idsOf(loading: Loading, load: LoadTable): Promise<MadeId[]> {
  const columns = load.table.primaryKey ?? []
  if (columns.length === 0 || !loading.rewritten.has(load)) return []
  const text = (alias: string) =>
    `concat_ws(',', ${columns.map(column => `${alias}.${quoted(column)}`).join(', ')})`
  const rows = (await loading.database.script(
    `SELECT ${text('staged')} AS old, ${text('final')} AS new FROM ${stageOf(load)} AS staged JOIN ${currentOf(loading, load)} AS final USING (${LINE}) ORDER BY ${LINE}`,
  )) as { old: string; new: string }[]
  return rows.map(row => ({ table: load.archived.table, old: row.old, new: row.new }))
}
