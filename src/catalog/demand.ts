/** Which rows are wanted, and how well they must be known. */
export interface Demand {
  /** Measured, which waits for a lock where somebody takes one just now. */
  readonly exact: boolean
  /** Only so many of the largest; null for all. */
  readonly first: number | null
}

/** Some of the rows that there are. */
export interface Counted<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}
