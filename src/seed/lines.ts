import { setImmediate } from 'node:timers/promises'
import type { Cell } from './cells/cell.ts'
import { numberAt, type RowNumbers } from './plan.ts'

/** Enough that a piece costs more than handing it over, few enough that it is gone with the young garbage. */
const CHARACTERS = 32 * 1024
const SPECIAL = /[\\\t\n\r]/
const EACH = /[\\\t\n\r]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Some rows in COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
export interface Piece {
  readonly rows: number
  readonly text: Buffer
}

/** Makes the rows piece by piece, and between two of them leaves the processor to what waits for it. */
export async function* copyPieces(
  cells: readonly Cell[],
  numbers: RowNumbers,
  rows: number,
): AsyncGenerator<Piece> {
  for (let index = 0; index < rows; ) {
    const start = index
    let text = ''
    for (; index < rows && text.length < CHARACTERS; index += 1)
      text += `${copyLine(cells, numberAt(numbers, index))}\n`
    yield { rows: index - start, text: Buffer.from(text) }
    await setImmediate()
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
