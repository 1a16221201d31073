import { quoted } from '../database/identifier.ts'
import type { Collection } from './collect.ts'
import type { Graph, Reference } from './graph.ts'
import type { Node, Role } from './nodes.ts'
import { isInside, policyOf } from './required.ts'

/** A table of an export, and why it is in it. */
export interface OutlineTable {
  /** `public.users` */
  readonly table: string
  readonly role: Role
  /** References by which its rows come, the table that each leads from or to first. */
  readonly through: readonly { readonly table: string; readonly reference: string }[]
  /** References from its rows, and what becomes of the rows that they point to. */
  readonly parents: readonly { readonly reference: string; readonly table: string; readonly policy: string }[]
}

/** What is exported and why, without looking at rows. */
export function outlineOf(graph: Graph, collection: Collection): OutlineTable[] {
  return collection.nodes.map(node => ({
    table: node.table.title,
    role: node.role,
    through: node.sources.map(({ from, reference }) => ({
      table: from.table.title,
      reference: reference.title,
    })),
    parents: node.role === 'matched' ? [] : parentsOf(graph, collection, node),
  }))
}

function parentsOf(
  { references }: Graph,
  { scope, outside }: Collection,
  node: Node,
): OutlineTable['parents'] {
  return references
    .filter(reference => reference.from === node.table)
    .map(reference => ({
      reference: reference.title,
      table: reference.to.title,
      policy: isInside(node, reference, outside) ? 'owned' : policyOf(scope, reference),
    }))
}

/** A reference that is followed from parent to child, and that no index helps. */
export interface MissingIndex {
  readonly reference: string
  readonly table: string
  /** What makes one; null where none can help, as for values inside of JSON. */
  readonly sql: string | null
}

/** Every step down such a reference reads the whole table. */
export function missingIndexes({ nodes }: Collection): MissingIndex[] {
  const followed = new Set(
    nodes.flatMap(({ sources }) =>
      sources.filter(({ direction }) => direction === 'down').map(({ reference }) => reference),
    ),
  )
  return [...followed].filter(({ indexed }) => !indexed).map(missing)
}

function missing({ title, from, indexKeys }: Reference): MissingIndex {
  // the server makes none CONCURRENTLY on a partitioned table
  const create = from.partitioned ? 'CREATE INDEX' : 'CREATE INDEX CONCURRENTLY'
  const sql =
    indexKeys === null ? null : `${create} ON ${quoted(from.schema, from.name)} (${indexKeys.join(', ')})`
  return { reference: title, table: from.title, sql }
}
