import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FlatEntity } from './snapshot.ts'

/** A snapshot of drizzle-kit 1.0: the whole list, or since rc.5 what one migration changed in it. */
interface FlatSnapshot {
  readonly id: string
  readonly prevIds: readonly string[]
  readonly ddl?: readonly FlatEntity[]
  readonly deltas?: readonly Delta[]
}

type Delta =
  | { readonly op: 'create'; readonly row: FlatEntity }
  | { readonly op: 'drop'; readonly key: string }
  | { readonly op: 'alter' | 'rename'; readonly key: string; readonly set: Partial<FlatEntity> }

type Rows = Map<string, FlatEntity>

/** The names of what a 1.0 snapshot stands for, put together from those that it follows, which stand in the folders beside it. */
export function flatEntitiesOf(file: string, read: (file: string) => object): FlatEntity[] {
  const own = read(file) as FlatSnapshot
  if (own.ddl) return [...own.ddl]
  const folder = dirname(dirname(file))
  const snapshots = readdirSync(folder)
    .sort((a, b) => a.localeCompare(b))
    .map(name => join(folder, name, 'snapshot.json'))
    .filter(existsSync)
    .map(each => read(each) as FlatSnapshot)
  const history = historyOf(own.id, new Map(snapshots.map(snapshot => [snapshot.id, snapshot])))
  const rows: Rows = new Map()
  for (const snapshot of snapshots) if (history.has(snapshot.id)) apply(rows, snapshot)
  return [...rows.values()]
}

function historyOf(id: string, snapshots: ReadonlyMap<string, FlatSnapshot>, found = new Set<string>()) {
  if (found.has(id)) return found
  found.add(id)
  for (const parent of snapshots.get(id)?.prevIds ?? []) historyOf(parent, snapshots, found)
  return found
}

function apply(rows: Rows, { ddl, deltas = [] }: FlatSnapshot): void {
  if (ddl) rows.clear()
  for (const row of ddl ?? []) rows.set(keyOf(row), row)
  for (const delta of deltas) {
    if (delta.op === 'create') rows.set(keyOf(delta.row), delta.row)
    else if (delta.op === 'drop') rows.delete(delta.key)
    else change(rows, delta.key, delta.set)
  }
}

/** What belongs to something that is renamed goes by its new name. */
function change(rows: Rows, key: string, set: Partial<FlatEntity>): void {
  const old = rows.get(key)
  if (!old) return
  for (const row of [...rows.values()]) {
    const changed = row === old ? { ...row, ...set } : relocated(row, old, set)
    if (changed === row) continue
    rows.delete(keyOf(row))
    rows.set(keyOf(changed), changed)
  }
}

function relocated(row: FlatEntity, old: FlatEntity, set: Partial<FlatEntity>): FlatEntity {
  if (old.entityType === 'schemas' && row.schema === old.name && set.name) return { ...row, schema: set.name }
  if (old.entityType !== 'tables' || row.table !== old.name || row.schema !== old.schema) return row
  return { ...row, table: set.name ?? row.table, ...(set.schema && { schema: set.schema }) }
}

/** As drizzle-kit writes it into a delta. */
function keyOf({ entityType, schema, table, name }: FlatEntity): string {
  return `${entityType}\0${JSON.stringify([schema, table, name].filter(word => word !== undefined))}`
}
