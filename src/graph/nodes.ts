import type { EdgeRule } from '../config.ts'
import type { Reference, Table } from './graph.ts'

/** Why rows are collected: they belong to the root, rows that are need them, or only their names are needed. */
export type Role = 'owned' | 'required' | 'matched'

/**
 * Rows of one table that are collected for one reason. `kind` is how SQL tells them: the root's by their keys;
 * `single` by the one reference through which they come; `bound` by all those that say whose they are; `keys` by
 * the row's place (tableoid and ctid, good for as long as the snapshot) in a table of what was found.
 */
export interface Node {
  readonly number: number
  readonly table: Table
  readonly role: Role
  readonly isRoot: boolean
  readonly sources: Source[]
  /** Those of the sources that say whose a row is. */
  binding: readonly Source[]
  kind: 'root' | 'single' | 'bound' | 'keys'
  /** Whether a row that is not collected is sure to belong to another root. */
  settled: boolean
}

/** How rows of a node are found from those of another: the rows that point to them (down), or that they point to (up). */
export interface Source {
  readonly reference: Reference
  readonly from: Node
  readonly direction: 'down' | 'up'
  readonly rule: EdgeRule
}
