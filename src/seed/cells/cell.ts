/** What makes the values of one column: for each row its text as PostgreSQL reads it, or null. */
export interface Cell {
  text(row: number): string | null
  /** The value as a number, where it is one: instants are milliseconds. For columns that follow another. */
  number?(row: number): number
  /** A number as this column's text. */
  print?(value: number): string
  /** Whether the row has none, where some rows do not. */
  isNull?(row: number): boolean
  /** So many rows have values unlike each other; without it, as many as there can be. */
  readonly most?: number
}

/** A cell of numbers. */
export function numeric(number: (row: number) => number, print: (value: number) => string): Cell {
  return { text: row => print(number(row)), number, print }
}

export function textual(text: (row: number) => string): Cell {
  return { text }
}

/** NULL in that share of the rows. */
export function sometimesNull(cell: Cell, isNull: (row: number) => boolean): Cell {
  return { ...cell, isNull, text: row => (isNull(row) ? null : cell.text(row)) }
}
