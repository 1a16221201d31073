import { quoted } from '../database/identifier.ts'
import { componentsOf } from '../graph/components.ts'
import { relationOf } from '../graph/graph.ts'
import { currentOf, isKept, type Loading, referencesOf } from './state.ts'
import { columnList, differ, LINE, type LoadTable, survivorsOf } from './tables.ts'

/** What became of the rows of one entry. */
export interface Placed {
  readonly inserted: number
  readonly updated: number
  readonly skipped: number
}

/** Entries whose rows depend on each other stand together; parents go before children. */
export function placingOrder(loading: Loading): LoadTable[][] {
  const placed = loading.tables.filter(({ matched }) => !matched)
  return componentsOf(placed, load => {
    const parents = referencesOf(loading, load).map(({ to }) => to)
    return placed.filter(({ table }) => parents.includes(table))
  })
}

/**
 * Brings rows into place: one statement for each table, or for tables that depend on each other in a cycle, of which
 * the foreign keys are looked at when it is done (PostgreSQL 15, 17, 18), so that NOT NULL cycles need no deferring.
 */
export async function placeRows(
  loading: Loading,
  component: readonly LoadTable[],
): Promise<Map<LoadTable, Placed>> {
  const { database, policy } = loading
  const inserted = await insertRows(loading, component)
  const placed = new Map<LoadTable, Placed>()
  for (const load of component) {
    const updated = policy === 'update' ? await updateRows(loading, load) : 0
    const [same] = (await database.script(`SELECT count(*)::float8 AS rows FROM ${survivorsOf(load)}`)) as {
      rows: number
    }[]
    placed.set(load, {
      inserted: inserted.get(load) ?? 0,
      updated,
      skipped: (same?.rows ?? 0) - updated,
    })
  }
  return placed
}

async function insertRows(
  loading: Loading,
  component: readonly LoadTable[],
): Promise<Map<LoadTable, number>> {
  const [first, ...others] = component
  if (first && others.length === 0) {
    const result = await loading.database.script(insertion(loading, first))
    return new Map([[first, result.count ?? 0]])
  }
  const inserts = component.map(load => `i${load.number} AS (${insertion(loading, load)} RETURNING 1)`)
  const counts = component.map(({ number }) => `(SELECT count(*) FROM i${number})::float8 AS i${number}`)
  const [row = {}] = (await loading.database.script(
    `WITH ${inserts.join(', ')} SELECT ${counts.join(', ')}`,
  )) as Record<string, number>[]
  return new Map(component.map(load => [load, row[`i${load.number}`] ?? 0]))
}

function insertion(loading: Loading, load: LoadTable): string {
  const names = load.columns.map(({ name }) => name)
  const { schema, name } = load.table
  return `INSERT INTO ${quoted(schema, name)} (${columnList(names)}) OVERRIDING SYSTEM VALUE SELECT ${columnList(names, 'staged')} FROM ${currentOf(loading, load)} AS staged WHERE ${isKept(loading, load)}`
}

/** Only rows that differ, and never what tells them apart. */
async function updateRows(loading: Loading, load: LoadTable): Promise<number> {
  const key = load.table.primaryKey ?? []
  const names = load.columns
    .filter(({ name, always }) => !always && !key.includes(name))
    .map(({ name }) => name)
  if (names.length === 0) return 0
  const sets = names.map(name => `${quoted(name)} = staged.${quoted(name)}`)
  const result = await loading.database.script(
    `UPDATE ${relationOf(load.table)} AS existing SET ${sets.join(', ')} FROM ${survivorsOf(load)} AS known JOIN ${currentOf(loading, load)} AS staged ON staged.${LINE} = known.line WHERE known.why <> 'owner' AND existing.tableoid = known.r AND existing.ctid = known.c AND ${differ(columnList(names, 'existing'), columnList(names, 'staged'))}`,
  )
  return result.count ?? 0
}
