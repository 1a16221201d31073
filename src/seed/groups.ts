import type { Reference } from '../graph/graph.ts'
import type { Parents } from './plan.ts'

/** Rows of a table by what they have in some of its columns. */
export interface Groups {
  /** Their places, ascending. */
  of(values: readonly (string | null)[]): readonly number[]
}

/** Made when it is first asked for: by then all tables are planned. */
export function groupsOf(parents: Parents, columns: readonly string[]): Groups {
  let groups: Map<string, number[]> | undefined
  const grouped = () => {
    const found = new Map<string, number[]>()
    for (let index = 0; index < parents.count; index += 1) {
      const key = keyOf(columns.map(column => parents.text(index, column)))
      const group = found.get(key)
      if (group) group.push(index)
      else found.set(key, [index])
    }
    return found
  }
  return {
    of(values) {
      groups ??= grouped()
      return groups.get(keyOf(values)) ?? []
    },
  }
}

function keyOf(values: readonly (string | null)[]): string {
  return values.length === 1 ? `${values[0]}` : JSON.stringify(values)
}

/** Ways in which a row can point to rows of several tables at once, by foreign keys that share columns. */
export interface Joint {
  readonly count: number
  /** For each of the foreign keys the place of the row that the n-th way takes. */
  split(way: number): readonly number[]
}

/** Undefined where two of the others share a column that the first has not. */
export function jointOf(
  [first, ...others]: readonly Reference[],
  parents: (reference: Reference) => Parents,
): Joint | undefined {
  if (!first) return undefined
  const leading = parents(first)
  const sides = others.map(other => {
    const shared = other.columns.filter(name => first.columns.includes(name))
    const from = shared.map(name => first.referenced[first.columns.indexOf(name)] ?? '')
    const to = shared.map(name => other.referenced[other.columns.indexOf(name)] ?? '')
    return { other, shared, from, groups: groupsOf(parents(other), to) }
  })
  const free = sides.flatMap(({ other, shared }) => other.columns.filter(name => !shared.includes(name)))
  if (new Set(free).size < free.length) return undefined
  const matching = (index: number) =>
    sides.map(({ from, groups }) => groups.of(from.map(column => leading.text(index, column))))
  const starts = new Float64Array(leading.count + 1)
  for (let index = 0; index < leading.count; index += 1)
    starts[index + 1] = (starts[index] ?? 0) + matching(index).reduce((ways, { length }) => ways * length, 1)
  return {
    count: starts[leading.count] ?? 0,
    split(way) {
      const index = lastNotAbove(starts, way)
      let left = way - (starts[index] ?? 0)
      return [
        index,
        ...matching(index).map(members => {
          const member = members[left % members.length] ?? 0
          left = Math.floor(left / members.length)
          return member
        }),
      ]
    },
  }
}

function lastNotAbove(starts: Float64Array, way: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= way) low = middle
    else high = middle - 1
  }
  return low
}
