import type { SeedColumn } from '../../catalog/seed-columns.ts'
import { type Cell, sometimesNull, textual } from './cell.ts'
import type { Dictionaries } from './dictionaries.ts'
import { figured } from './figures.ts'
import { INSTANTS } from './instants.ts'
import type { Limits } from './limits.ts'
import type { Making } from './making.ts'
import { type Source, sourceOf } from './random.ts'
import { rangeOf } from './ranges.ts'
import { SCALARS } from './scalars.ts'
import { structured } from './structured.ts'
import { textFor } from './texts.ts'

/** What all columns of a run have in common. */
export interface Setting {
  readonly seed: string
  readonly now: number
  readonly words: Dictionaries
}

const TEXTS = ['text', 'varchar', 'bpchar', 'citext', 'name']
/** Rarely set: most rows are not deleted. */
export const ENDS = /(deleted|archived|revoked|cancell?ed|banned|removed|closed)(_at|_on|At)?$/i
const AHEAD = /expire|valid_until|due|deadline|next_/i
const DAY = 86_400_000

/** What is known of a column besides itself. */
export interface CellOrder {
  readonly limits: Limits
  /** Whether every row needs a value of its own. */
  readonly distinct: boolean
  /** Whether every row needs a value: a foreign key points to it. */
  readonly whole: boolean
  /** How often what usually stands in such a column did not meet its CHECKs. */
  readonly attempt: number
  /** The fields of a composite type. */
  readonly fields: (column: SeedColumn) => readonly SeedColumn[]
}

/**
 * The values of a column, or undefined where its type is not known: then the column has to have a default or take
 * NULL. Depends on nothing but the seed, the names of table and column, the row, and what the column allows.
 */
export function cellOf(
  setting: Setting,
  table: string,
  column: SeedColumn,
  order: CellOrder,
): Cell | undefined {
  const source = sourceOf(setting.seed, table, column.name)
  const scalar = scalarOf(setting, table, column, order, source)
  if (!scalar) return undefined
  const cell = column.array ? arrayOf(scalar, column, source, order.distinct) : scalar
  if (column.notNull || order.distinct || order.whole) return cell
  const share = ENDS.test(column.name) ? 0.95 : 0.1
  return sometimesNull(cell, row => source.share(row, 99) < share)
}

function scalarOf(
  setting: Setting,
  table: string,
  column: SeedColumn,
  order: CellOrder,
  source: Source,
): Cell | undefined {
  const { now, words } = setting
  const { limits, attempt, fields } = order
  const { length, precision, scale } = column
  const distinct = order.distinct
  const making = { source, limits, distinct, length, precision, scale, now }
  const values = allowedOf(column, limits)
  if (values && values.length > 0)
    return distinct
      ? { ...textual(row => values[row % values.length] ?? ''), most: values.length }
      : textual(row => values[skewed(source, row, values.length)] ?? '')
  if (TEXTS.includes(column.type)) {
    const most = column.type === 'name' ? 63 : column.length
    return textFor(table, column.name, { ...making, length: most, words, attempt })
  }
  if (column.subtype !== null) return rangeOf(column.subtype, column.kind === 'm', making)
  if (INSTANTS.includes(column.type) && AHEAD.test(column.name) && !distinct && !isBound(limits))
    return ahead(making, SCALARS[column.type]?.(making))
  if (column.composite !== null) {
    const parts = fields(column).map(field => ({
      field,
      cell: cellOf(setting, `${table}.${column.name}`, field, { ...order, limits: {}, whole: true }),
    }))
    return parts.every(({ cell }) => cell) ? recordOf(parts.map(({ cell }) => cell as Cell)) : undefined
  }
  return SCALARS[column.type]?.(figured(column.name, making)) ?? structured(column.type, making, words)
}

/** The values that a column with few of them takes: an enum's labels, or what a CHECK lists. */
export function allowedOf({ kind, labels }: SeedColumn, { allowed, forbidden }: Limits) {
  return (allowed ?? (kind === 'e' ? labels : undefined))?.filter(each => !forbidden?.includes(each))
}

function isBound({ minimum, maximum, above, below }: Limits): boolean {
  return [minimum, maximum, above, below].some(bound => bound !== undefined)
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

/** None to three elements; one where each row needs its own. */
function arrayOf(element: Cell, { type }: SeedColumn, source: Source, distinct: boolean): Cell {
  // the one type whose values hold commas
  const separator = type === 'box' ? ';' : ','
  const array = (texts: readonly (string | null)[]) => `{${texts.map(escaped).join(separator)}}`
  if (distinct) return { ...element, text: row => array([element.text(row)]) }
  return textual(row =>
    array(Array.from({ length: source.below(row, 4, 50) }, (_, index) => element.text(row * 4 + index))),
  )
}

/** A row of a composite type: https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX */
function recordOf(fields: readonly Cell[]): Cell {
  return textual(row => `(${fields.map(field => escaped(field.text(row))).join(',')})`)
}

const QUOTED = /[\\"]/g

function escaped(text: string | null): string {
  return `"${(text ?? '').replace(QUOTED, '\\$&')}"`
}
