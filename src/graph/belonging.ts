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
  const goesOn = bindingSources(root).map(({ reference }) => `NOT (${reference.points('highest')})`)
  const ends = [`up.n = ${root.number}`, `NOT (${isRoot('highest')})`, ...goesOn].join(' AND ')
  return `EXISTS (WITH RECURSIVE up (n, r, c) AS (
    SELECT ${node.number}, ${row}.tableoid, ${row}.ctid
    UNION
    SELECT next.* FROM up CROSS JOIN LATERAL (${steps.join(' UNION ALL ')}) AS next (n, r, c)
  ) SELECT FROM up JOIN ${relationOf(root.table)} AS highest ON highest.tableoid = up.r AND highest.ctid = up.c WHERE ${ends})`
}

/** SQL that is true only for rows that belong to no other root, and quick to tell: all that says whose they are is collected. */
export function belongsHere({ isRoot, isMember }: Membership, node: Node, row: string): string {
  const ways = bindingSources(node).map(({ reference, from }) => {
    const collected = `EXISTS (SELECT FROM ${relationOf(from.table)} AS owner WHERE ${reference.match(row, 'owner')} AND ${isMember(from, 'owner')})`
    return reference.required || node.isRoot ? collected : `(NOT (${reference.points(row)}) OR ${collected})`
  })
  if (node.isRoot) return [isRoot(row), ...ways].map(way => `(${way})`).join(' OR ')
  return ways.join(' AND ')
}
