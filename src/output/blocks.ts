export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'strong'

/** A raw value. Renderers for people turn it into words; csv and ndjson leave it as it is. Numbers in a row are a sparkline. */
export type Cell = string | number | boolean | null | undefined | readonly number[]

/** What the number in a column counts; a ratio of 1 is 100 %. */
export type Unit = 'bytes' | 'milliseconds' | 'ratio'

export interface Column {
  /** The key in the row, and the heading in csv. */
  readonly key: string
  readonly title: string
  readonly unit?: Unit
  /** Left out on a terminal that is too narrow for all columns. */
  readonly minor?: boolean
  /** Of texts as long as statements a terminal shows the beginning. */
  readonly clipped?: boolean
  /** Drawn with a bar on a terminal: a ratio's share of one, or else of the largest in the column. */
  readonly bar?: boolean
}

/** A row of a table; `tone` colours its first cell. `unit` is that of its numbers where each row has another. */
export interface Row {
  readonly cells: Readonly<Record<string, Cell>>
  readonly tone?: Tone
  readonly unit?: Unit
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
