import { findSurvivors, refuseAmbiguous } from './conflicts.ts'
import { foretell, type Replacement, remap } from './keys.ts'
import { type FreshId, freshColumns, freshId } from './new-ids.ts'
import { type Ledger, openLedger } from './offsets.ts'
import { type Changes, rewrite } from './rewrite.ts'
import type { Settings } from './set.ts'
import { type Loading, referencesOf } from './state.ts'
import { suffixUnique } from './suffix.ts'
import type { LoadColumn, LoadTable } from './tables.ts'

/** What fresh ids follow from; without one the archive's stay. */
export interface Salt {
  readonly text: string
  /** Whether it was drawn for this import: no id can have followed from it before. */
  readonly drawn: boolean
}

export interface Resolution {
  readonly settings: Settings
  readonly salt: Salt | undefined
  readonly owner: Replacement | undefined
  readonly ledgerSchema: string
  readonly unique: 'suffix' | 'error'
}

/** In a cycle each round may change what the next one looks at; it settles at once but for keys that hold references. */
const ROUNDS = 10

/**
 * Settles what each row becomes and which rows of the target are the same, parents first: fresh ids, what was set,
 * and references that follow whatever became of the rows that they lead to.
 * Throws OpsError `conflict-ambiguous` where one row is the same as two.
 */
export async function resolveRows(
  loading: Loading,
  order: readonly (readonly LoadTable[])[],
  resolution: Resolution,
): Promise<void> {
  const { owner } = resolution
  const placed = order.flat()
  const named = [
    ...loading.tables.filter(load => !placed.includes(load)).map(({ table }) => table),
    ...(owner ? [owner.reference.to] : []),
  ]
  for (const table of new Set(named)) await remap(loading, table, owner)
  const fresh = await freshIds(loading, resolution)
  const changes: Changes = (load, column) => {
    const value = resolution.settings(load, column)
    return value === undefined ? fresh.get(column) : () => value
  }
  for (const component of order) await resolveComponent(loading, component, resolution, changes, fresh)
}

async function resolveComponent(
  loading: Loading,
  component: readonly LoadTable[],
  { owner, salt, unique }: Resolution,
  changes: Changes,
  fresh: ReadonlyMap<LoadColumn, FreshId>,
): Promise<void> {
  const tables = component.map(({ table }) => table)
  const cyclic = component.some(load => referencesOf(loading, load).some(({ to }) => tables.includes(to)))
  const [alone, ...others] = component
  let before = cyclic && alone && others.length === 0 && !owner ? await foretell(loading, alone, fresh) : ''
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const load of component) await rewrite(loading, load, changes)
    for (const load of component) {
      const columns = load.columns.filter(column => fresh.has(column))
      const unheard = salt?.drawn ? columns.filter(({ type }) => type === 'uuid') : []
      await findSurvivors(loading, load, unheard)
      if (unique === 'suffix' && salt && (await suffixUnique(loading, load, columns, salt.text))) {
        await rewrite(loading, load, changes)
        await findSurvivors(loading, load, unheard)
      }
    }
    const prints: string[] = []
    for (const table of tables) prints.push(await remap(loading, table, owner))
    if (!cyclic || prints.join() === before) break
    before = prints.join()
  }
  if (loading.policy !== 'error') for (const load of component) await refuseAmbiguous(loading, load)
}

async function freshIds(
  loading: Loading,
  { salt, settings, ledgerSchema }: Resolution,
): Promise<ReadonlyMap<LoadColumn, FreshId>> {
  const fresh = new Map<LoadColumn, FreshId>()
  if (!salt) return fresh
  let ledger: Ledger | undefined
  for (const load of loading.tables) {
    for (const column of freshColumns(loading, load)) {
      if (settings(load, column) !== undefined) continue
      if (column.category === 'N') ledger ??= await openLedger(loading.database, ledgerSchema, salt.text)
      const none = { table: '', saltHash: '' }
      fresh.set(column, await freshId(loading.database, load, column, salt.text, ledger ?? none))
    }
  }
  return fresh
}
