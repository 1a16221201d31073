import { type Cell, numeric, textual } from './cell.ts'
import { isoText } from './instant-text.ts'
import { day, INSTANTS, local } from './instants.ts'
import type { Maker, Making } from './making.ts'
import { SCALARS } from './scalars.ts'

const DAY = 86_400_000

/** Ranges of equal steps side by side, so that exclusion constraints are kept as well. */
function range(print: (value: number) => string, step: (now: number, row: number) => number): Maker {
  return ({ now }) => textual(row => `["${print(step(now, row))}","${print(step(now, row + 1))}")`)
}

/** Where the n-th step begins, and the one before it ends. */
const tens = (_: number, row: number) => row * 10
const hours = (now: number, row: number) => now - 365 * DAY + row * 3_600_000
const days = (now: number, row: number) => Math.floor(now / DAY) * DAY - 3650 * DAY + row * DAY

const TENS = range(String, tens)
/** By the type of a range's bounds. */
const RANGES: Readonly<Record<string, Maker>> = {
  date: range(day, days),
  timestamp: range(local, hours),
  timestamptz: range(isoText, hours),
}

/** Of a range or multirange over bounds of that type. */
export function rangeOf(subtype: string, several: boolean, making: Making): Cell {
  const range = (RANGES[subtype] ?? TENS)(making)
  return several ? textual(row => `{${range.text(row * 4)},${range.text(row * 4 + 2)}}`) : range
}

/** A value of which no other lies at either side: as `starts_at` and `ends_at` of periods that must not overlap. */
export function stepped(type: string, making: Making, end: 0 | 1): Cell {
  const inner = type === 'date' ? days : INSTANTS.includes(type) ? hours : tens
  const print = SCALARS[type]?.({ ...making, distinct: false }).print ?? String
  return numeric(row => inner(making.now, row + end), print)
}
