import type { Cell } from './cell.ts'
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
}

export function parentsOf({
  existing: { count, values },
  rows,
  numbers,
  cells,
}: Pick<TablePlan, 'existing' | 'rows' | 'numbers' | 'cells'>): Parents {
  return {
    count: count + rows,
    existing: count,
    text: (index, column) =>
      index < count
        ? (values.get(column)?.[index] ?? null)
        : (cells.get(column)?.text(numberAt(numbers, index - count)) ?? null),
  }
}

/** The same for rows that point to others of their own table, while it is being found which are written. */
export function ownRows(plan: Pick<TablePlan, 'existing' | 'rows' | 'numbers' | 'cells'>): Parents {
  const { existing, numbers, cells } = plan
  return {
    ...parentsOf(plan),
    text: (index, column) =>
      index < existing.count
        ? (existing.values.get(column)?.[index] ?? null)
        : (cells.get(column)?.text(nearest(numbers, numbers.first + index - existing.count)) ?? null),
  }
}
