import type { BoundPartitionRow } from '../catalog/bound-partitions.ts'
import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Database } from '../database/database.ts'
import type { Graph, Reference } from '../graph/graph.ts'
import { finalOf, LINE, type LoadTable, stageOf, survivorsOf } from './tables.ts'

export type Policy = 'error' | 'skip' | 'update'

/** An import under way, between its stages and its end. */
export interface Loading {
  readonly database: Database
  readonly graph: Graph
  readonly tables: readonly LoadTable[]
  readonly keys: readonly UniqueKeyRow[]
  readonly partitions: readonly BoundPartitionRow[]
  readonly policy: Policy
  /** Tables whose rows are rewritten, and the columns in which they are: `currentOf` is not their stage. */
  readonly rewritten: Map<LoadTable, ReadonlySet<string>>
  /** Tables of which the target has rows that are the same. */
  readonly survived: Set<LoadTable>
  /** By `mapKey`: what became of keys, where anything became of them. */
  readonly maps: Map<string, string>
}

/** The rows as far as they are known. */
export function currentOf({ rewritten }: Pick<Loading, 'rewritten'>, load: LoadTable): string {
  return rewritten.has(load) ? finalOf(load) : stageOf(load)
}

/** References from one entry of the archive to others, by which its rows follow theirs. */
export function referencesOf({ graph, tables }: Loading, load: LoadTable): Reference[] {
  return graph.references.filter(
    ({ from, to, columns }) =>
      from === load.table &&
      tables.some(({ table }) => table === to) &&
      columns.every(name => load.columns.some(column => column.name === name)),
  )
}

/** SQL that is true of rows in whose place the target has none. Where there are no such rows it costs nothing. */
export function isKept({ survived }: Pick<Loading, 'survived'>, load: LoadTable): string {
  return survived.has(load)
    ? `NOT EXISTS (SELECT FROM ${survivorsOf(load)} AS known WHERE known.line = staged.${LINE})`
    : 'true'
}
