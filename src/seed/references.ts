import { OpsError } from '../errors.ts'
import type { Reference } from '../graph/graph.ts'
import type { Cell } from './cells/cell.ts'
import { type Decision, following, isSelf, leading, type ReferenceOrder, textBy } from './decisions.ts'
import type { SeedTable } from './model.ts'

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
    // within its own table a row that finds no other takes itself
    const strict = decisions.filter(
      ({ follows, reference }) => follows && reference.required && !isSelf(reference),
    )
    let attempt = 0
    while (attempt < ATTEMPTS && strict.some(decision => decision.choose(row, attempt) === undefined))
      attempt += 1
    last = row
    settled = attempt
    return attempt
  }
}

function noParents({ from, columns, to }: Reference): OpsError {
  return new OpsError({
    code: 'seed-parents',
    message: `${from.title} needs rows of ${to.title} to point to by ${columns.join(', ')}, and there are none.`,
    hint: `Seed ${to.title} as well, or leave ${from.title} out: --exclude ${from.name}.`,
  })
}
