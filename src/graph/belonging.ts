import { relationOf } from './graph.ts'
import type { Membership } from './membership.ts'
import type { Node } from './nodes.ts'
import { bindingSources } from './owned.ts'

/**
 * SQL that is true for a row that belongs to another root than those asked for: the references that say whose it is
 * are walked upwards until they end, whatever has been collected by then.
 */
export function belongsElsewhere(
  nodes: readonly Node[],
  { isRoot }: Membership,
  node: Node,
  row: string,
): string {
  const root = nodes.find(each => each.isRoot)
  if (!root) return 'FALSE'
  const owned = nodes.filter(({ role }) => role === 'owned')
  const steps = owned.flatMap(child =>
    bindingSources(child).map(({ reference, from }) => {
      const among = child.isRoot ? [`NOT (${isRoot('child')})`] : []
      const conditions = [
        `up.n = ${child.number}`,
        'child.tableoid = up.r',
        'child.ctid = up.c',
        reference.match('child', 'parent'),
        ...among,
      ]
      return `SELECT ${from.number}, parent.tableoid, parent.ctid FROM ${relationOf(child.table)} AS child, ${relationOf(from.table)} AS parent WHERE ${conditions.join(' AND ')}`
    }),
  )
  const upwards = (start: string) => `WITH RECURSIVE up (n, r, c) AS (
    SELECT ${start}
    UNION
    SELECT next.* FROM up CROSS JOIN LATERAL (${steps.join(' UNION ALL ')}) AS next (n, r, c)
  )`
  const rootRows = (alias: string) =>
    `SELECT FROM up JOIN ${relationOf(root.table)} AS ${alias} ON ${alias}.tableoid = up.r AND ${alias}.ctid = up.c WHERE up.n = ${root.number}`
  // a row of the root's own table may belong to one that was asked for
  const hangs =
    bindingSources(root).length === 0
      ? ''
      : ` AND NOT EXISTS (${upwards(`${root.number}, other.tableoid, other.ctid`)} ${rootRows('asked')} AND ${isRoot('asked')})`
  return `EXISTS (${upwards(`${node.number}, ${row}.tableoid, ${row}.ctid`)} ${rootRows('other')} AND NOT (${isRoot('other')})${hangs})`
}

/** SQL that is true only for rows that belong to no other root, and quick to tell: all that says whose they are is collected. */
export function belongsHere({ isRoot, isMember }: Membership, node: Node, row: string): string {
  const ways = bindingSources(node).map(({ reference, from }) => {
    const collected = `EXISTS (SELECT FROM ${relationOf(from.table)} AS owner WHERE ${reference.match(row, 'owner')} AND ${isMember(from, 'owner')})`
    return reference.required ? collected : `(NOT (${reference.points(row)}) OR ${collected})`
  })
  if (!node.isRoot) return ways.join(' AND ')
  const points = bindingSources(node).map(({ reference }) => `(${reference.points(row)})`)
  const hangs = points.length === 0 ? 'FALSE' : [...ways, `(${points.join(' OR ')})`].join(' AND ')
  return `${isRoot(row)} OR (${hangs})`
}
