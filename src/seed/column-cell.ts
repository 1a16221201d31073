import type { SeedColumn } from '../catalog/seed-columns.ts'
import { type Cell, sometimesNull, textual } from './cell.ts'
import type { Dictionaries } from './dictionaries.ts'
import type { Limits } from './limits.ts'
import { type Source, sourceOf } from './random.ts'
import { type Making, SCALARS } from './scalars.ts'
import { textFor } from './texts.ts'

/** What all columns of a run have in common. */
export interface Setting {
  readonly seed: string
  readonly now: number
  readonly words: Dictionaries
}

const TEXTS = ['text', 'varchar', 'bpchar', 'citext', 'name']
/** Rarely set: most rows are not deleted. */
const ENDS = /(deleted|archived|revoked|cancell?ed|banned|removed|closed)(_at|_on)?$/i
const AHEAD = /expire|valid_until|due|deadline|next_/i
const UPDATED =
  /(updated|modified|changed|last_[a-z_]+|finished|ended|completed|published|deployed)(_at|_on|At)?$/i
const CREATED = /(created|inserted|started|registered|joined)(_at|_on|At)?$/i
const DAY = 86_400_000
const INSTANTS = ['timestamp', 'timestamptz', 'date']

/**
 * The values of a column, or undefined where its type is not known: then the column has to have a default or take
 * NULL. Depends on nothing but the seed, the names of table and column, the row, and what the column allows.
 */
export function cellOf(
  { seed, now, words }: Setting,
  table: string,
  column: SeedColumn,
  limits: Limits,
  distinct: boolean,
): Cell | undefined {
  const source = sourceOf(seed, table, column.name)
  const { length, precision, scale } = column
  const making = { source, limits, distinct, length, precision, scale, now }
  const scalar = scalarOf(making, table, column, words)
  if (!scalar) return undefined
  const cell = column.array ? arrayOf(scalar, source) : scalar
  if (column.notNull || distinct) return cell
  const share = ENDS.test(column.name) ? 0.95 : 0.1
  return sometimesNull(cell, row => source.share(row, 99) < share)
}

function scalarOf(making: Making, table: string, column: SeedColumn, words: Dictionaries): Cell | undefined {
  const { source, limits, distinct } = making
  const allowed = (limits.allowed ?? (column.kind === 'e' ? column.labels : undefined))?.filter(
    each => !limits.forbidden?.includes(each),
  )
  if (allowed && allowed.length > 0)
    return textual(
      row => allowed[distinct ? row % allowed.length : skewed(source, row, allowed.length)] ?? '',
    )
  if (TEXTS.includes(column.type)) return textFor(table, column.name, { ...making, words })
  if (INSTANTS.includes(column.type) && AHEAD.test(column.name) && !distinct)
    return ahead(making, SCALARS[column.type]?.(making))
  return SCALARS[column.type]?.(making) ?? structured(making, column, words)
}

/** The first of them more often than the last. */
function skewed(source: Source, row: number, size: number): number {
  return Math.floor(source.share(row) ** 1.5 * size)
}

/** Within the month to come. */
function ahead({ source, now }: Making, cell: Cell | undefined): Cell | undefined {
  const print = cell?.print
  if (!print) return cell
  const number = (row: number) => now + DAY + Math.floor((source.share(row) * 30 * DAY) / 1000) * 1000
  return { number, print, text: row => print(number(row)) }
}

function structured({ source, distinct }: Making, column: SeedColumn, words: Dictionaries): Cell | undefined {
  const word = (row: number, draw: number) =>
    words.words[source.below(row, words.words.length, draw)] ?? 'word'
  switch (column.type) {
    case 'json':
    case 'jsonb':
      return textual(
        row =>
          `{"${word(row, 0)}": "${word(row, 1)}", "count": ${distinct ? row : source.below(row, 100, 2)}}`,
      )
    case 'xml':
      return textual(row => `<note>${word(row, 0)} ${word(row, 1)}</note>`)
    case 'tsvector':
      return textual(row => `${word(row, 0)}:1 ${word(row, 1)}:2`)
    case 'tsquery':
      return textual(row => `${word(row, 0)} & ${word(row, 1)}`)
    case 'hstore':
      return textual(row => `"${word(row, 0)}"=>"${word(row, 1)}"`)
    case 'ltree':
      return textual(row => `${word(row, 0)}.${word(row, 1)}.n${row}`)
    case 'char':
      return textual(row => 'abcdefgh'[source.below(row, 8)] ?? 'a')
    default:
      return undefined
  }
}

/** None to three elements. */
function arrayOf(element: Cell, source: Source): Cell {
  return textual(row => {
    const size = source.below(row, 4, 50)
    const texts = Array.from({ length: size }, (_, index) => element.text(row * 4 + index) ?? '')
    return `{${texts.map(text => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
  })
}

/** Which column of a table each follows in time: `updated_at` comes after `created_at`. */
export function followers(columns: readonly SeedColumn[]): ReadonlyMap<string, string> {
  const instants = columns.filter(({ type, array }) => INSTANTS.includes(type) && !array)
  const first = instants.find(({ name }) => CREATED.test(name))
  if (!first) return new Map()
  return new Map(
    instants
      .filter(column => column !== first && (UPDATED.test(column.name) || ENDS.test(column.name)))
      .map(column => [column.name, first.name]),
  )
}

/** A cell whose values come after another's: between it and now, or a little beyond it where it is no instant. */
export function following(cell: Cell, lower: Cell, source: Source, now: number | undefined): Cell {
  const { print } = cell
  const start = lower.number
  if (!print || !start) return cell
  const number = (row: number) => {
    const from = start(row)
    return now === undefined
      ? from + 1 + source.below(row, 100, 7)
      : from + Math.max(0, now - from) * source.share(row, 7)
  }
  return { number, print, text: row => (cell.text(row) === null ? null : print(number(row))) }
}
