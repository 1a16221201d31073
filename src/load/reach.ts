import type { Graph, Table } from '../graph/graph.ts'

/**
 * The tables whose rows an archive of this root can hold: those that hang from it, and those that these need. From
 * what is needed nothing is followed downwards, as in an export.
 */
export function reachableFrom({ references }: Graph, root: Table): Set<Table> {
  const hanging = new Set([root])
  for (const table of hanging) for (const { from, to } of references) if (to === table) hanging.add(from)
  const all = new Set(hanging)
  for (const table of all) for (const { from, to } of references) if (from === table) all.add(to)
  return all
}
