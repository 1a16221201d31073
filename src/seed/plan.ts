import type { Cell } from './cells/cell.ts'
import type { SeedTable } from './model.ts'

/** What is going to be written into a table. */
export interface TablePlan {
  readonly table: SeedTable
  readonly numbers: RowNumbers
  readonly rows: number
  /** The keys of rows that are there already, for those who point to them. */
  readonly existing: ExistingRows
  /** Of the columns that are written, in their order. */
  readonly cells: ReadonlyMap<string, Cell>
  /** Columns that are numbered on from the largest there is. */
  readonly numbered: ReadonlySet<string>
  /** So many rows have values unlike each other. */
  readonly most: number
  /** Unique indexes that are not kept by how the values are made. */
  readonly open: ReadonlySet<string>
  /** What could not be promised, in words. */
  readonly notes: readonly string[]
}

/** The numbers of the new rows, from which their values are made. */
export interface RowNumbers {
  /** Rows that are there already were numbered before it. */
  readonly first: number
  /** Where some were left out, those that are written, in their order. */
  taken?: readonly number[]
}

export function numberAt({ first, taken }: RowNumbers, index: number): number {
  return taken ? (taken[index] ?? first) : first + index
}

/** The number itself, or the next lower that is written. */
export function nearest({ first, taken }: RowNumbers, number: number): number {
  if (!taken) return number
  const place = countBelow(taken, number + 1)
  return taken[Math.max(0, place - 1)] ?? first
}

/** Whether the n-th of the rows that were thought of is written. */
export function isWritten({ first, taken }: RowNumbers, index: number): boolean {
  return !taken || index < 0 || taken[countBelow(taken, first + index)] === first + index
}

/** How many of these numbers, which ascend, are lower. */
export function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows that stand in the database, as far as anybody points to them. */
export interface ExistingRows {
  readonly count: number
  /** For each referenced column the values as text, in the order of the rows. */
  readonly values: ReadonlyMap<string, readonly (string | null)[]>
}

/** The rows that a foreign key can point to: those that are there, then those that are written. */
export interface Parents {
  readonly count: number
  /** How many of them are there already. */
  readonly existing: number
  /** The text of a column of the n-th of them. */
  text(index: number, column: string): string | null
  /** What their values follow from: another one once the table has been planned anew. */
  plan?(): unknown
  /** When it came into being, in milliseconds, as far as that is known: none of its children precede it. */
  created?(index: number): number | undefined
}

type Rows = Pick<TablePlan, 'existing' | 'rows' | 'numbers' | 'cells'>

/** The text of a column of the n-th row of a table: of those that are there, then those that are written. */
export function textIn(plan: Rows, index: number, column: string): string | null {
  return textOf(plan, index, column, numberAt(plan.numbers, index - plan.existing.count))
}

/** For rows that point to others of their own table, while it is being found which are written. */
export function ownRows(plan: Rows): Parents {
  const { existing, rows, numbers } = plan
  return {
    count: existing.count + rows,
    existing: existing.count,
    text: (index, column) =>
      textOf(plan, index, column, nearest(numbers, numbers.first + index - existing.count)),
  }
}

function textOf({ existing, cells }: Rows, index: number, column: string, number: number): string | null {
  const text = index < existing.count ? existing.values.get(column)?.[index] : cells.get(column)?.text(number)
  return text ?? null
}
