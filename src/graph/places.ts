import { belongsElsewhere, belongsHere, isSurelyHere } from './belonging.ts'
import { componentsOf } from './components.ts'
import type { Cross } from './fence.ts'
import { relationOf } from './graph.ts'
import type { Among, Membership } from './membership.ts'
import type { Node, Source } from './nodes.ts'
import { dependenciesOf } from './owned.ts'

/** How rows are found whose places are to be kept. */
export interface Search {
  readonly nodes: readonly Node[]
  readonly membership: Membership
  readonly depth: number | undefined
  readonly cross: Cross
}

/** One round: nodes whose rows lead to each other, or a single one. */
export interface Round {
  readonly nodes: readonly Node[]
  /** Statements that find rows from what is known before it. */
  readonly begin: readonly string[]
  /** Statements that find more from the rows of the step before; none where there is no cycle. */
  next(step: number): readonly string[]
}

/** What a temporary table of places is filled with, in order. */
export function roundsOf(search: Search): Round[] {
  const { nodes, membership, depth } = search
  const kept = nodes.filter(({ kind }) => kind === 'keys')
  const owned = kept.filter(({ role }) => role === 'owned')
  const connected = componentsOf(nodes, dependenciesOf)
    .map(component => component.filter(({ kind }) => kind === 'keys'))
    .filter(component => component.length > 0)
  // with a depth each step is one reference further from the root, for all tables at once
  const components =
    depth === undefined ? connected : [owned, ...connected.filter(([node]) => node?.role !== 'owned')]
  return components.map(component => ({
    nodes: component,
    begin: component.flatMap(node => [
      ...(node.isRoot ? [insertRoots(node, membership)] : []),
      ...node.sources
        .filter(({ from }) => !component.includes(from))
        .map(source => insert(search, node, source, 0)),
    ]),
    next: step =>
      component.flatMap(node =>
        node.sources
          .filter(({ from }) => component.includes(from))
          .map(source => insert(search, node, source, step, step - 1)),
      ),
  }))
}

function insertRoots(node: Node, { isRoot }: Membership): string {
  return `INSERT INTO pg_temp.collected SELECT ${node.number}, found.tableoid, found.ctid, 0 FROM ${relationOf(node.table)} AS found WHERE ${isRoot('found')}`
}

function insert(search: Search, node: Node, source: Source, step: number, after?: number): string {
  const among = after === undefined ? early(search, node, source) : { step: after }
  const { from, where } = search.membership.reached(source, 'found', among)
  const conditions = [where, ...fence(search, node, source, true), ...others(search, node, source)].join(
    ' AND ',
  )
  return `INSERT INTO pg_temp.collected SELECT DISTINCT ${node.number}, found.tableoid, found.ctid, ${step} FROM ${from} WHERE ${conditions} ON CONFLICT DO NOTHING`
}

/** Rows of other roots that are taken along come from owned rows within the depth, and are not owned themselves. */
function early({ depth }: Search, node: Node, { direction }: Source): Among | undefined {
  return node.role === 'required' && direction === 'down' && depth !== undefined
    ? { before: depth }
    : undefined
}

function others({ nodes, membership }: Search, node: Node, { direction }: Source): string[] {
  const owned = nodes.find(({ table, role }) => table === node.table && role === 'owned')
  return node.role === 'required' && direction === 'down' && owned
    ? [`NOT (${membership.isMember(owned, 'found')})`]
    : []
}

/** Keeps rows of other roots out. */
function fence({ nodes, membership, cross }: Search, node: Node, source: Source, quick: boolean): string[] {
  if (node.role !== 'owned' || isSurelyHere(node, source)) return []
  const elsewhere = belongsElsewhere(nodes, membership, cross, node, 'found')
  return [quick ? `(${belongsHere(membership, node, 'found')} OR NOT ${elsewhere})` : `NOT ${elsewhere}`]
}

/**
 * The same as one query, for where no table can be made: every statement that needs the places begins with it.
 * Cycles end because a place is found once; with a depth, because the steps are counted.
 */
export function placesQuery(search: Search): string | undefined {
  const { nodes, membership } = search
  const kept = nodes.filter(({ kind }) => kind === 'keys')
  if (kept.length === 0) return undefined
  const begin = kept.flatMap(node => [
    ...(node.isRoot
      ? [
          `SELECT ${node.number}, found.tableoid, found.ctid, 0 FROM ${relationOf(node.table)} AS found WHERE ${membership.isRoot('found')}`,
        ]
      : []),
    ...node.sources
      .filter(({ from }) => from.kind !== 'keys')
      .map(source => {
        const { from, where } = membership.reached(source, 'found')
        return `SELECT ${node.number}, found.tableoid, found.ctid, 0 FROM ${from} WHERE ${[where, ...fence(search, node, source, false)].join(' AND ')}`
      }),
  ])
  const further = kept.flatMap(node =>
    node.sources.filter(({ from }) => from.kind === 'keys').map(source => findMore(search, node, source)),
  )
  const recursion =
    further.length === 0
      ? ''
      : ` UNION SELECT next.* FROM collected AS last CROSS JOIN LATERAL (${further.join(' UNION ALL ')}) AS next`
  return `WITH RECURSIVE collected (n, r, c, step) AS (${begin.join(' UNION ')}${recursion}) `
}

/** From one place, the `last` that was found. Only ways down count as steps: parents are needed however far they are. */
function findMore(search: Search, node: Node, source: Source): string {
  const { membership, depth } = search
  const { from, where } = membership.reached(source, 'found', 'last')
  const limited = depth !== undefined && source.direction === 'down'
  // a row of another root keeps the step that it comes from: nothing is counted beyond it
  const step = limited && node.role === 'owned' ? 'last.step + 1' : 'last.step'
  const conditions = [
    ...(limited ? [`last.step < ${depth}`] : []),
    where,
    ...fence(search, node, source, false),
  ]
  return `SELECT ${node.number}, found.tableoid, found.ctid, ${step} FROM ${from} WHERE ${conditions.join(' AND ')}`
}
