import { quoted } from '../database/identifier.ts'
import type { Collection } from './collect.ts'
import { componentsOf } from './components.ts'
import { type Graph, type Reference, relationOf, type Table } from './graph.ts'
import type { Rows } from './membership.ts'
import type { Node } from './nodes.ts'
import { isInside, policyOf } from './required.ts'

/** A table of the archive: the nodes that its rows belong to. */
export interface CollectedTable {
  readonly table: Table
  readonly nodes: readonly Node[]
}

/** The tables whose rows are collected, parents before children but within a cycle. */
export function collectedTables(graph: Graph, { nodes }: Collection): CollectedTable[] {
  const tables = graph.tables.filter(table => nodes.some(node => node.table === table))
  const parents = (table: Table) => graph.references.filter(({ from }) => from === table).map(({ to }) => to)
  return componentsOf(tables, parents)
    .flat()
    .map(table => ({ table, nodes: nodes.filter(node => node.table === table) }))
}

/** The rows of a table, each once whatever it was collected for. */
export function rowsOf({ membership }: Collection, { table, nodes }: CollectedTable, row: string): Rows {
  const [node, ...others] = nodes
  if (node && others.length === 0) return membership.rows(node, row)
  const places = nodes.map(each => {
    const { from, where } = membership.rows(each, 'found')
    return `SELECT found.tableoid AS r, found.ctid AS c FROM ${from} WHERE ${where}`
  })
  return {
    from: `(${places.join(' UNION ')}) AS place, ${relationOf(table)} AS ${row}`,
    where: `place.r = ${row}.tableoid AND place.c = ${row}.ctid`,
  }
}

/** SQL that is true for a row that is collected for any reason. */
export function isCollected({ nodes, membership }: Collection, table: Table, row: string): string {
  const ways = nodes.filter(node => node.table === table).map(node => membership.isMember(node, row))
  return ways.length === 0 ? 'FALSE' : `(${ways.join(' OR ')})`
}

/** SQL that is true where a row points to one that is collected, or by a period to rows that all are. */
export function leadsInside(collection: Collection, reference: Reference, row: string): string {
  const { nodes, membership } = collection
  const parents = `SELECT FROM ${relationOf(reference.to)} AS parent WHERE ${reference.match(row, 'parent')}`
  const ways = nodes
    .filter(node => node.table === reference.to)
    .map(node => `EXISTS (${parents} AND ${membership.isMember(node, 'parent')})`)
  if (ways.length === 0) return 'FALSE'
  const all = reference.period
    ? ` AND NOT EXISTS (${parents} AND NOT ${isCollected(collection, reference.to, 'parent')})`
    : ''
  return `((${ways.join(' OR ')})${all})`
}

/** References of a table that are NULL in the archive where they lead to rows that are not in it. */
export function mayBeCleared(
  graph: Graph,
  collection: Collection,
  { table, nodes }: CollectedTable,
): Reference[] {
  return graph.references.filter(
    reference =>
      reference.from === table &&
      policyOf(collection.scope, reference) === 'null' &&
      !nodes.every(node => isInside(node, reference, collection.outside)),
  )
}

/**
 * The columns that are NULL so that a reference leads nowhere. With MATCH SIMPLE one is enough: the others may
 * belong to further references, such as a tenant's.
 */
export function clearedColumns({ references }: Graph, reference: Reference): readonly string[] {
  const { nullable, matchFull, from } = reference
  const others = references.filter(each => each !== reference && each.from === from)
  const own = nullable.filter(column => !others.some(({ columns }) => columns.includes(column)))
  return matchFull || own.length === 0 ? nullable : own
}

/** The value of a column in the archive, where references through it may have to be NULL. */
export function clearedValue(
  collection: Collection,
  references: readonly Reference[],
  column: string,
  row: string,
): string {
  const value = `${row}.${quoted(column)}`
  if (references.length === 0) return value
  const inside = references.map(
    reference => `(NOT (${reference.points(row)}) OR ${leadsInside(collection, reference, row)})`,
  )
  return `CASE WHEN ${inside.join(' AND ')} THEN ${value} END`
}
