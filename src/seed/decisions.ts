import type { Reference, Table } from '../graph/graph.ts'
import { type Source, sourceOf } from './cells/random.ts'
import { groupsOf } from './groups.ts'
import type { SeedTable } from './model.ts'
import { countBelow, isWritten, type Parents, type RowNumbers } from './plan.ts'

export interface ReferenceOrder {
  readonly seed: string
  readonly table: SeedTable
  /** Of the new rows. */
  readonly numbers: RowNumbers
  /** Which row is taken, where that is decided by a unique key. */
  readonly chosen: ReadonlyMap<Reference, (row: number) => number>
  /** By which each row has the one before it among those that share columns with it. */
  readonly chains: ReadonlySet<Reference>
  /** Columns that the config gives values to. */
  readonly given: ReadonlySet<string>
  readonly parents: (table: Table) => Parents
  /** All foreign keys of the database. */
  readonly references: readonly Reference[]
}

/** What one foreign key decides: the rows that a row may take, for each try. */
export interface Decision {
  readonly reference: Reference
  readonly source: Source
  readonly parents: Parents
  /** The place of the row that is pointed to; undefined for none. */
  choose(row: number, attempt: number): number | undefined
  /** Whether this choice depends on that of others. */
  readonly follows: boolean
  /** Whether some of the rows point to nothing, where they may. */
  readonly loose: boolean
}

/** Of rows that may point to nothing. */
const UNTIED = 0.15
/** Among all rows, or the one that a unique key decides. */
export function leading(
  { seed, table, numbers, chosen }: ReferenceOrder,
  reference: Reference,
  parents: Parents,
): Decision {
  const source = sourceOf(seed, table.table.title, 'reference', ...reference.columns)
  const choose = (row: number, attempt: number) => {
    const way = chosen.get(reference)
    if (way) {
      const place = way(row)
      return place < 0 ? undefined : place
    }
    if (parents.count === 0) return undefined
    if (!isSelf(reference)) return favoured(source.share(row, DRAWS * attempt), parents.count)
    // a row of a tree hangs from one that was written before it, the first one from itself
    const before = parents.existing + row - numbers.first
    return before <= 0 ? (reference.required ? 0 : undefined) : source.below(row, before, DRAWS * attempt)
  }
  return { reference, source, parents, choose, follows: false, loose: !chosen.has(reference) }
}

/** Numbers that a try draws at most. */
const DRAWS = 4

/** Among the rows that have the same in the columns which are decided already. */
export function following(
  { seed, table, numbers, chains }: ReferenceOrder,
  reference: Reference,
  parents: Parents,
  fixed: readonly string[],
  textOf: (column: string, row: number, attempt: number) => string | null,
): Decision {
  const source = sourceOf(seed, table.table.title, 'reference', ...reference.columns)
  const places = fixed.map(name => reference.referenced[reference.columns.indexOf(name)] ?? '')
  const groups = groupsOf(parents, places, reference)
  const choose = (row: number, attempt: number) => {
    const members = groups.of(fixed.map(name => textOf(name, row, attempt)))
    const own = parents.existing + row - numbers.first
    const count = isSelf(reference) ? countBelow(members, own) : members.length
    let at = chains.has(reference) ? count - 1 : favoured(source.share(row, DRAWS * attempt), count)
    // in place of one that is left out, the one before it
    while (isSelf(reference) && at >= 0 && !isWritten(numbers, (members[at] ?? 0) - parents.existing)) at -= 1
    return members[at] ?? (isSelf(reference) && reference.required ? own : undefined)
  }
  return { reference, source, parents, choose, follows: true, loose: true }
}

export function textBy(
  { reference, source, parents, choose, loose }: Decision,
  column: string,
  row: number,
  attempt: number,
): string | null {
  const place = choose(row, attempt)
  if (place === undefined || (loose && reference.nullable.includes(column) && source.share(row, 3) < UNTIED))
    return null
  return parents.text(place, reference.referenced[reference.columns.indexOf(column)] ?? '')
}

/** A few parents have many children, many have few: the share is drawn towards the first. */
function favoured(share: number, count: number): number {
  return Math.min(count - 1, Math.floor(share ** 2 * count))
}

/** Whether it points to rows of its own table. */
export function isSelf({ from, to }: Reference): boolean {
  return from === to
}
