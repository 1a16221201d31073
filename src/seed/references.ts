import { OpsError } from '../errors.ts'
import type { Reference, Table } from '../graph/graph.ts'
import type { Cell } from './cell.ts'
import { groupsOf } from './groups.ts'
import type { SeedTable } from './model.ts'
import { countBelow, isWritten, type Parents, type RowNumbers } from './plan.ts'
import { type Source, sourceOf } from './random.ts'

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
interface Decision {
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
/** So often another row is taken where other foreign keys find nothing that goes with it. */
const ATTEMPTS = 50

/**
 * Gives the columns of foreign keys their values. Each column is given by the first that has it, those that have to
 * point to something and those of most columns going first; a foreign key that shares columns with an earlier one
 * takes a row that has the same in them. Returns when the rows that a row points to came into being, as far as that is
 * known. Throws OpsError `seed-parents`, `seed-tangle`.
 */
export function addReferences(
  order: ReferenceOrder,
  cells: Map<string, Cell>,
): ((row: number) => number | undefined)[] {
  const { table, chosen, given, parents } = order
  const decisions: Decision[] = []
  const owners = new Map<string, Decision>()
  const settled = attemptsOf(decisions)
  const textOf = (column: string, row: number, attempt: number) => {
    const owner = owners.get(column)
    return owner ? textBy(owner, column, row, attempt) : (cells.get(column)?.text(row) ?? null)
  }
  for (const reference of inOrder(table, chosen)) {
    const found = parents(reference.to)
    if (found.count === 0 && reference.required && reference.to !== table.table) throw noParents(reference)
    const fixed = reference.columns.filter(
      (name, at) =>
        owners.has(name) || given.has(name) || (isSelf(reference) && reference.referenced[at] === name),
    )
    if (fixed.length === reference.columns.length && isImplied(reference, decisions, order.references))
      continue
    const decision =
      chosen.has(reference) || fixed.length === 0
        ? leading(order, reference, found)
        : following(order, reference, found, fixed, textOf)
    decisions.push(decision)
    for (const name of reference.columns) {
      if (fixed.includes(name) && !chosen.has(reference)) continue
      if (owners.has(name)) continue
      owners.set(name, decision)
      cells.set(name, { text: row => textBy(decision, name, row, settled(row)) })
    }
  }
  return decisions.flatMap(({ parents: { created }, choose }) =>
    created
      ? row => {
          const place = choose(row, settled(row))
          return place === undefined ? undefined : created(place)
        }
      : [],
  )
}

function inOrder({ references }: SeedTable, chosen: ReadonlyMap<Reference, unknown>): Reference[] {
  const rank = (reference: Reference) =>
    (chosen.has(reference) ? 0 : 4) + (isSelf(reference) ? 2 : 0) + (reference.required ? 0 : 1)
  return references.toSorted((one, other) => rank(one) - rank(other))
}

function isSelf({ from, to }: Reference): boolean {
  return from === to
}

/** Whether rows that an earlier foreign key points to point on to the same rows by the same values. */
function isImplied(reference: Reference, earlier: readonly Decision[], all: readonly Reference[]): boolean {
  return earlier.some(({ reference: { columns, referenced, to } }) => {
    if (!reference.columns.every(name => columns.includes(name))) return false
    const carried = reference.columns.map(name => referenced[columns.indexOf(name)] ?? '')
    if (to === reference.to) return carried.join('\0') === reference.referenced.join('\0')
    return all.some(
      next =>
        next.from === to &&
        next.to === reference.to &&
        next.enforced &&
        next.columns.length === carried.length &&
        carried.every((name, at) => {
          const place = next.columns.indexOf(name)
          return place >= 0 && next.referenced[place] === reference.referenced[at]
        }),
    )
  })
}

/** The first try by which every foreign key that has to point to something does. */
function attemptsOf(decisions: readonly Decision[]): (row: number) => number {
  let last = -1
  let settled = 0
  return row => {
    if (row === last) return settled
    const strict = decisions.filter(({ follows, reference }) => follows && reference.required)
    let attempt = 0
    while (attempt < ATTEMPTS && strict.some(decision => decision.choose(row, attempt) === undefined))
      attempt += 1
    last = row
    settled = attempt
    return attempt
  }
}

function leading(
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
function following(
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

function textBy(
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

function noParents({ from, columns, to }: Reference): OpsError {
  return new OpsError({
    code: 'seed-parents',
    message: `${from.title} needs rows of ${to.title} to point to by ${columns.join(', ')}, and there are none.`,
    hint: `Seed ${to.title} as well, or leave ${from.title} out: --exclude ${from.name}.`,
  })
}
