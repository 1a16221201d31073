import type { Reference, Table } from '../graph/graph.ts'
import { permutation, type Source, sourceOf } from './cells/random.ts'
import { jointOf } from './groups.ts'
import type { Parents } from './plan.ts'
import type { TableOrder } from './plan-table.ts'
import { type Combination, isShared, valuesOf } from './unique.ts'

/** Decides which rows and values each row combines. Returns for how many rows that lasts. */
export function chooseRows(
  seed: string,
  { table, rules, existing, wanted, first }: TableOrder,
  { references, columns }: Combination,
  parents: (table: Table) => Parents,
  into: {
    readonly chosen: Map<Reference, (row: number) => number>
    readonly few: Map<string, (row: number) => number>
    /** Foreign keys by which each row has the one before it that shares columns with it. */
    readonly chains: Set<Reference>
  },
): number {
  const [only, ...others] = [...references, ...columns]
  if (only && 'to' in only && only.to === table.table && others.length === 0) {
    // each row has the one before it, or where it has to have one, itself
    const back = only.required ? 0 : 1
    if (isShared(only)) into.chains.add(only)
    else into.chosen.set(only, row => existing.count + row - first - back)
    return Number.POSITIVE_INFINITY
  }
  const own = { count: existing.count + wanted, existing: existing.count, text: () => null }
  const rowsOf = ({ to }: Reference) => (to === table.table ? own : parents(to))
  const clusters = clustersOf(references).map(cluster => ({ cluster, joint: jointOf(cluster, rowsOf) }))
  const sizes = [
    ...clusters.map(({ joint }) => joint?.count ?? 0),
    ...columns.map(column => valuesOf(column, rules.limits).length),
  ]
  const names = [...references.flatMap(reference => reference.columns), ...columns.map(({ name }) => name)]
  const combined = combine(sizes, sourceOf(seed, table.table.title, 'combination', ...names))
  for (const [part, { cluster, joint }] of clusters.entries()) {
    const way = combined.choose(part)
    for (const [place, reference] of cluster.entries())
      into.chosen.set(reference, row => joint?.split(way(row))[place] ?? 0)
  }
  for (const [part, { name }] of columns.entries())
    into.few.set(name, combined.choose(clusters.length + part))
  return combined.most
}

/** Foreign keys that share columns belong together, the one of most columns first. */
function clustersOf(references: readonly Reference[]): Reference[][] {
  const clusters: Reference[][] = []
  for (const reference of references) {
    const cluster = clusters.find(known =>
      known.some(({ columns }) => columns.some(name => reference.columns.includes(name))),
    )
    if (cluster) cluster.push(reference)
    else clusters.push([reference])
  }
  return clusters
}

/** For each part of a combination, which of its values the row takes; and how many rows there can be. */
function combine(
  sizes: readonly number[],
  source: Source,
): { readonly most: number; choose(part: number): (row: number) => number } {
  const most = sizes.reduce((product, size) => product * size, 1)
  const place = permutation(source, Math.min(Math.max(most, 1), 2 ** 51))
  return {
    most,
    choose: part => {
      const stride = sizes.slice(0, part).reduce((product, size) => product * size, 1)
      const size = sizes[part] ?? 1
      return row => Math.floor(place(row % Math.max(most, 1)) / stride) % size
    },
  }
}
