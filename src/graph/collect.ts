import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { componentsOf } from './components.ts'
import { type Cross, type Crossing, findCrossings } from './fence.ts'
import { type Graph, type Reference, relationOf } from './graph.ts'
import { type Membership, membership } from './membership.ts'
import type { Node } from './nodes.ts'
import { dependenciesOf, ownedNodes, type Scope } from './owned.ts'
import { placesQuery, roundsOf, type Search } from './places.ts'
import { requiredNodes } from './required.ts'
import type { RootCondition } from './roots.ts'

/** Which rows are collected: SQL that tells them, good for as long as the snapshot. */
export interface Collection {
  readonly scope: Scope
  readonly nodes: readonly Node[]
  readonly membership: Membership
  readonly outside: ReadonlySet<Reference>
  readonly crossings: readonly Crossing[]
  /** What a statement begins with that speaks of collected rows; empty where a temporary table knows them. */
  readonly prelude: string
}

export interface CollectOptions {
  readonly scope: Scope
  readonly isRoot: RootCondition
  readonly cross: Cross
  /** Whether there is a temporary table to keep the places of rows in. */
  readonly keeps: boolean
}

/** Rows found in one go after which the planner must be told how many there are. */
const MANY = 1000

/**
 * Finds the rows that belong to the roots and those that these need, set by set within the database.
 * Throws OpsError `crosses-roots`.
 */
export async function collect(
  context: Context,
  database: Database,
  graph: Graph,
  { scope, isRoot, cross, keeps }: CollectOptions,
): Promise<Collection> {
  const { depth } = scope
  const owned = ownedNodes(graph, scope)
  keepCircles(owned, keeps)
  const told = membership(isRoot, keeps ? 'pg_temp.collected' : 'collected')
  const search = (nodes: readonly Node[]): Search => ({
    nodes,
    membership: told,
    depth,
    cross,
  })
  const prelude = (nodes: readonly Node[]) => (keeps ? '' : (placesQuery(search(nodes)) ?? ''))
  const ask = (text: string) => database.script(prelude(owned) + text)

  if (keeps) await keepPlaces(context, database, search(owned), owned)
  const crossings = await findCrossings(ask, owned, told, cross, depth)
  const outside = await referencesOutside(ask, owned, told)
  const crossing = cross === 'embed' ? crossings.map(({ source }) => source) : []
  const nodes = [...owned, ...requiredNodes({ graph, scope, owned, outside, crossing })]
  keepCircles(nodes, keeps)
  if (keeps) await keepPlaces(context, database, search(nodes), nodes.slice(owned.length))
  return { scope, nodes, membership: told, outside, crossings, prelude: prelude(nodes) }
}

/**
 * Rows of tables in a circle are found step by step, so their places have to be kept; and a query that finds places
 * cannot ask in a subquery of its own for what it has found, so all that depends on places has places there.
 */
function keepCircles(nodes: readonly Node[], keeps: boolean): void {
  const circles = componentsOf(nodes, dependenciesOf).filter(({ length }) => length > 1)
  const told = nodes.filter(({ kind }) => kind !== 'keys')
  const kept = told.filter(
    node =>
      circles.some(circle => circle.includes(node)) ||
      (!keeps && dependenciesOf(node).some(({ kind }) => kind === 'keys')),
  )
  for (const node of kept) node.kind = 'keys'
  if (kept.length > 0) keepCircles(nodes, keeps)
}

/** Fills the temporary table, round after round, until a round finds nothing new. */
async function keepPlaces(
  context: Context,
  database: Database,
  search: Search,
  nodes: readonly Node[],
): Promise<void> {
  const insert = async (statements: readonly string[]) => {
    let added = 0
    for (const statement of statements) {
      context.signal.throwIfAborted()
      const [row] = (await database.script(
        `WITH added AS (${statement} RETURNING 1) SELECT count(*)::float8 AS rows FROM added`,
      )) as { rows: number }[]
      added += row?.rows ?? 0
    }
    if (added > MANY) await database.script('ANALYZE pg_temp.collected')
    return added
  }
  for (const round of roundsOf(search)) {
    if (!round.nodes.some(node => nodes.includes(node))) continue
    let added = await insert(round.begin)
    const steps = round.nodes.some(({ role }) => role === 'owned')
      ? (search.depth ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY
    for (let step = 1; added > 0 && step <= steps; step += 1) added = await insert(round.next(step))
  }
}

/** Required references among owned tables that lead to rows which belong to nobody: those have to be taken along. */
async function referencesOutside(
  ask: (text: string) => Promise<readonly unknown[]>,
  nodes: readonly Node[],
  { rows, isMember }: Membership,
): Promise<Set<Reference>> {
  const outside = new Set<Reference>()
  for (const node of nodes) {
    if (node.kind !== 'keys' || node.sources.length < 2) continue
    for (const { reference, from } of node.binding) {
      if (!reference.required) continue
      const { from: all, where } = rows(node, 'child')
      const parent = `SELECT FROM ${relationOf(from.table)} AS parent WHERE ${reference.match('child', 'parent')} AND ${isMember(from, 'parent')}`
      const found = await ask(`SELECT FROM ${all} WHERE ${where} AND NOT EXISTS (${parent}) LIMIT 1`)
      if (found.length > 0) outside.add(reference)
    }
  }
  return outside
}
