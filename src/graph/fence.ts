import { OpsError } from '../errors.ts'
import { isLoose, isSurelyHere } from './belonging.ts'
import { keyTextOf, shortName } from './graph.ts'
import type { Membership } from './membership.ts'
import type { Node, Source } from './nodes.ts'

/** What to do with a row of another root that points to a row of this one. */
export type Cross = 'error' | 'null' | 'embed' | 'skip'

/** Rows of other roots, and the reference by which they were reached. */
export interface Crossing {
  readonly source: Source
  readonly node: Node
  readonly rows: number
}

const SHOWN = 10

/**
 * Finds the rows of other roots that owned references reach.
 * Throws OpsError `crosses-roots`, which lists them, where `cross` does not say what to do with them.
 */
export async function findCrossings(
  statement: (text: string) => Promise<readonly unknown[]>,
  nodes: readonly Node[],
  membership: Membership,
  cross: Cross,
  depth: number | undefined,
): Promise<Crossing[]> {
  const crossings: Crossing[] = []
  for (const node of nodes) {
    for (const source of node.sources.filter(each => !isSurelyHere(node, each))) {
      const ways = outsiders(node, source, membership, depth)
      const first = (await statement(
        `SELECT ${keyTextOf(node.table, 'found')} AS key FROM ${ways} ORDER BY 1 LIMIT ${SHOWN + 1}`,
      )) as { key: string }[]
      if (first.length === 0) continue
      if (cross === 'error' || (cross === 'null' && source.reference.nullable.length === 0))
        throw crossesRoots(
          node,
          source,
          first.map(({ key }) => key),
          cross,
        )
      const [counted] = (await statement(`SELECT count(*)::float8 AS rows FROM ${ways}`)) as {
        rows: number
      }[]
      crossings.push({ source, node, rows: counted?.rows ?? 0 })
    }
  }
  return crossings
}

/** `FROM … WHERE …` of the rows, called `found`, that a source reaches and that are not the node's. */
export function outsiders(
  node: Node,
  source: Source,
  membership: Membership,
  depth: number | undefined,
): string {
  const { from, where } = membership.reached(
    source,
    'found',
    depth === undefined ? undefined : { before: depth },
  )
  return `${from} WHERE ${where} AND NOT (${membership.isMember(node, 'found')})`
}

function crossesRoots(node: Node, { reference }: Source, keys: readonly string[], cross: Cross): OpsError {
  const shown = keys.slice(0, SHOWN).join(', ')
  const isOne = keys.length === 1
  const rows = `${isOne ? 'the row' : 'the rows'} ${shown}${keys.length > SHOWN ? ' and more' : ''}`
  const them = isOne ? 'it' : 'them'
  const needs = isOne ? 'it needs' : 'they need'
  const cleared = isLoose(node)
    ? `, or take ${them} with NULL for what is not exported with --cross null`
    : ''
  return new OpsError({
    code: 'crosses-roots',
    message: `Through ${reference.title}, ${rows} of ${shortName(node.table)} would come along, which ${isOne ? 'belongs' : 'belong'} to another root.`,
    hint:
      cross === 'null'
        ? `${reference.title} cannot be NULL: leave ${them} out with --cross skip, or take ${them} along with --cross embed.`
        : `Leave ${them} out with --cross skip, take ${them} and what ${needs} along with --cross embed${cleared}.`,
    known: { crossing: { table: node.table.title, reference: reference.title, keys: keys.slice(0, SHOWN) } },
  })
}
