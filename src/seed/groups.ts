import { OpsError } from '../errors.ts'
import type { Reference } from '../graph/graph.ts'
import type { Parents } from './plan.ts'

/** Rows of a table by what they have in some of its columns. */
export interface Groups {
  /** Their places, ascending. */
  of(values: readonly (string | null)[]): readonly number[]
}

/** Those that a foreign key can point to, as they are when it is asked for them. Throws OpsError `seed-tangle`. */
export function groupsOf(parents: Parents, columns: readonly string[], reference: Reference): Groups {
  let groups = new Map<string, number[]>()
  let seen: { readonly plan: unknown } | undefined
  let isGrouping = false
  const group = () => {
    if (isGrouping) throw tangled(reference, columns)
    isGrouping = true
    groups = new Map()
    for (let index = 0; index < parents.count; index += 1) {
      const key = keyOf(columns.map(column => parents.text(index, column)))
      const members = groups.get(key)
      if (members) members.push(index)
      else groups.set(key, [index])
    }
    isGrouping = false
  }
  return {
    of(values) {
      const plan = parents.plan?.()
      if (!seen || seen.plan !== plan) {
        group()
        seen = { plan }
      }
      return groups.get(keyOf(values)) ?? []
    },
  }
}

/** `grouped` are the columns by which the rows that are pointed to are told apart. */
function tangled({ from, columns, to }: Reference, grouped: readonly string[]): OpsError {
  const given = grouped.map(name => `'${to.name}.${name}': row => …`).join(', ')
  const names = [...new Set([from.name, to.name])].join(',')
  return new OpsError({
    code: 'seed-tangle',
    message: `Which rows of ${to.title} a row of ${from.title} can point to by ${columns.join(', ')} depends on itself, over other foreign keys.`,
    hint: `Give values in the config: seed: { columns: { ${given} } }, or leave the tables out: --exclude ${names}.`,
  })
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
    return { other, shared, from, groups: groupsOf(parents(other), to, other) }
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
