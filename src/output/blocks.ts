export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'strong'

/** A raw value. Renderers for people turn it into words; csv and ndjson leave it as it is. */
export type Cell = string | number | boolean | null | undefined

/** What the number in a column counts. */
export type Unit = 'bytes' | 'milliseconds'

export interface Column {
  /** The key in the row, and the heading in csv. */
  readonly key: string
  readonly title: string
  readonly unit?: Unit
}

/** A row of a table; `tone` colours its first cell. */
export interface Row {
  readonly cells: Readonly<Record<string, Cell>>
  readonly tone?: Tone
}

export interface TableBlock {
  readonly kind: 'table'
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

export interface LineBlock {
  readonly kind: 'line'
  readonly text: string
  readonly tone?: Tone
}

/** A piece of a view: what to show, not how. */
export type Block = TableBlock | LineBlock

export function line(text: string, tone?: Tone): LineBlock {
  return tone ? { kind: 'line', text, tone } : { kind: 'line', text }
}

export function table(columns: readonly Column[], rows: readonly Row[]): TableBlock {
  return { kind: 'table', columns, rows }
}
