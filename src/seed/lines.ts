import type { Cell } from './cell.ts'
import { numberAt, type RowNumbers } from './plan.ts'

/** Rows of one piece: enough that a piece costs more than handing it over, few enough to stay in the processor's cache. */
const ROWS = 500
const SPECIAL = /[\\\t\n\r]/
const EACH = /[\\\t\n\r]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Rows in COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
export async function* copyLines(
  cells: readonly Cell[],
  numbers: RowNumbers,
  rows: number,
  written: (rows: number) => void,
): AsyncGenerator<Buffer> {
  for (let start = 0; start < rows; start += ROWS) {
    const end = Math.min(start + ROWS, rows)
    let text = ''
    for (let index = start; index < end; index += 1) text += `${copyLine(cells, numberAt(numbers, index))}\n`
    written(end)
    yield Buffer.from(text)
  }
}

function copyLine(cells: readonly Cell[], row: number): string {
  let line = ''
  for (let index = 0; index < cells.length; index += 1) {
    const text = cells[index]?.text(row) ?? null
    const field = text === null ? '\\N' : SPECIAL.test(text) ? text.replace(EACH, escaped) : text
    line = index === 0 ? field : `${line}\t${field}`
  }
  return line
}

function escaped(character: string): string {
  return ESCAPES[character] ?? character
}
