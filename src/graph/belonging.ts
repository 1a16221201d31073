import type { Cross } from './fence.ts'
import { leadsToSeveral, relationOf } from './graph.ts'
import type { Membership } from './membership.ts'
import type { Node, Source } from './nodes.ts'

/*
 * Whose a row is, in one rule:
 * - Of a table's references those *bind* that its rows must have, as far as such lead up to the root; where they do
 *   not, all bind: the nodes of a tree that must have a parent, be it themselves, belong to the project that they
 *   may name. In the root's own table those bind by which a row is deleted with another, or that `own` names.
 * - A row *hangs* from the rows that its binding references lead to, and from those that these hang from; a row
 *   that was asked for hangs from none.
 * - A row of the root's table is *another root* unless it was asked for or hangs from one that was.
 * - A row belongs *elsewhere* that is another root or hangs from one.
 * - *Owned* is what was asked for, and each row that points to an owned one by a reference that is followed, unless
 *   it belongs elsewhere: what belongs to nobody comes along.
 * - With `--cross null` a row whose binding references may all be NULL hangs from no other root if it hangs from one
 *   that was asked for.
 */

/** The sources of each node that bind. */
export function bindingOf(nodes: readonly Node[]): Map<Node, readonly Source[]> {
  const required = new Map(
    nodes.map(node => [node, node.sources.filter(({ reference }) => reference.required)]),
  )
  const leading = (node: Node) => (required.get(node)?.length ? required.get(node) : node.sources) ?? []
  const led = new Set(nodes.filter(({ isRoot }) => isRoot))
  for (const parent of led)
    for (const node of nodes) if (leading(node).some(({ from }) => from === parent)) led.add(node)
  return new Map(
    nodes.map(node => {
      if (node.isRoot)
        return [node, node.sources.filter(({ reference, rule }) => rule.own ?? reference.cascades)]
      return [node, led.has(node) ? leading(node) : node.sources]
    }),
  )
}

/** Whether nothing keeps a row of a node from belonging to nobody: all that says whose it is may be NULL. */
export function isLoose({ isRoot, binding }: Node): boolean {
  return !isRoot && binding.every(({ reference }) => reference.nullable.length > 0)
}

/** Whether no row that a source leads to belongs elsewhere: an owned row is the only one that it hangs from. */
export function isSurelyHere({ binding, isRoot }: Node, source: Source): boolean {
  // of owned rows only the root's are sure to hang from one that was asked for: others may belong to nobody
  const isOnly = binding.length === 1 && binding[0] === source && !leadsToSeveral(source.reference)
  return isOnly && (!isRoot || source.from.isRoot)
}

/** SQL that is true for a row that belongs elsewhere: the binding references are walked upwards until they end. */
export function belongsElsewhere(
  nodes: readonly Node[],
  { isRoot }: Membership,
  cross: Cross,
  node: Node,
  row: string,
): string {
  const root = nodes.find(each => each.isRoot)
  if (!root) return 'FALSE'
  const owned = nodes.filter(({ role }) => role === 'owned')
  const upwards = (from: Node, start: string, passes: (child: Node) => readonly string[]) => {
    const steps = owned.flatMap(child => child.binding.map(source => stepUp(child, source, passes(child))))
    const further =
      steps.length === 0
        ? ''
        : `UNION SELECT next.* FROM up CROSS JOIN LATERAL (${steps.join(' UNION ALL ')}) AS next (n, r, c)`
    return `WITH RECURSIVE up (n, r, c) AS (SELECT ${from.number}, ${start}.tableoid, ${start}.ctid ${further})`
  }
  const rootRows = (alias: string) =>
    `SELECT FROM up JOIN ${relationOf(root.table)} AS ${alias} ON ${alias}.tableoid = up.r AND ${alias}.ctid = up.c WHERE up.n = ${root.number}`
  const asked = (child: Node) => (child.isRoot ? [`NOT (${isRoot('child')})`] : [])
  const hangs = (from: Node, start: string) =>
    `EXISTS (${upwards(from, start, asked)} ${rootRows('asked')} AND ${isRoot('asked')})`
  const bound = (child: Node) =>
    cross === 'null' && isLoose(child) ? [`NOT ${hangs(child, 'child')}`] : asked(child)
  const free = root.binding.length === 0 ? '' : ` AND NOT ${hangs(root, 'other')}`
  return `EXISTS (${upwards(node, row, bound)} ${rootRows('other')} AND NOT (${isRoot('other')})${free})`
}

/** A query for the row that a source's reference leads to, from a place in `up`. */
function stepUp(child: Node, { reference, from }: Source, conditions: readonly string[]): string {
  const here = [
    `up.n = ${child.number}`,
    'child.tableoid = up.r',
    'child.ctid = up.c',
    reference.match('child', 'parent'),
  ]
  return `SELECT ${from.number}, parent.tableoid, parent.ctid FROM ${relationOf(child.table)} AS child, ${relationOf(from.table)} AS parent WHERE ${[...here, ...conditions].join(' AND ')}`
}

/** SQL that is true only for rows that do not belong elsewhere, and quick to tell: all that they hang from is owned. */
export function belongsHere(
  { isRoot, isMember }: Membership,
  { binding, ...node }: Node,
  row: string,
): string {
  const ways = binding.map(({ reference, from }) => {
    const collected = leadsToSeveral(reference)
      ? 'FALSE'
      : `EXISTS (SELECT FROM ${relationOf(from.table)} AS owner WHERE ${reference.match(row, 'owner')} AND ${isMember(from, 'owner')})`
    return reference.required ? collected : `(NOT (${reference.points(row)}) OR ${collected})`
  })
  if (!node.isRoot) return ways.join(' AND ')
  const hangs = binding.filter(({ from }) => from.isRoot).map(({ reference }) => `(${reference.points(row)})`)
  return hangs.length === 0
    ? isRoot(row)
    : `${isRoot(row)} OR (${ways.join(' AND ')} AND (${hangs.join(' OR ')}))`
}
