import type { Cell } from './cell.ts'
import type { SeedTable } from './model.ts'

/** What is going to be written into a table. */
export interface TablePlan {
  readonly table: SeedTable
  /** The number of the first new row: rows that are there already were numbered before it. */
  readonly first: number
  readonly rows: number
  /** The largest value of a numbering column before the run. */
  readonly base: ReadonlyMap<string, number>
  /** The keys of rows that are there already, for those who point to them. */
  readonly existing: ExistingRows
  /** Of the columns that are written, in their order. */
  readonly cells: ReadonlyMap<string, Cell>
  /** What could not be promised, in words. */
  readonly notes: readonly string[]
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

export function parentsOf(plan: Pick<TablePlan, 'existing' | 'first' | 'rows' | 'cells'>): Parents {
  const { count, values } = plan.existing
  return {
    count: count + plan.rows,
    existing: count,
    text: (index, column) =>
      index < count
        ? (values.get(column)?.[index] ?? null)
        : (plan.cells.get(column)?.text(plan.first + index - count) ?? null),
  }
}
