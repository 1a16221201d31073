import { type Block, type Cell, type Column, line, table, type Unit } from '../output/blocks.ts'
import type { StatsResult } from './run.ts'
import type { StatsRow } from './select.ts'

/** A report for people: its table, since when it counts, and what to know before it is believed. */
export function viewReport(result: StatsResult): Block[] {
  const { report, columns, rows, total, since, notes } = result
  const [only] = rows
  return [
    report === 'overview' && only
      ? record(columns, only)
      : table(
          columns,
          rows.map(row => ({ cells: cellsOf(row), ...unitOf(row) })),
        ),
    ...(rows.length === 0 ? [line('Nothing to show.', 'dim')] : []),
    ...(rows.length < total ? [line(`${rows.length} of ${total} rows; --limit 0 shows all.`, 'dim')] : []),
    ...(since ? [line(`Counted since ${since}.`, 'dim')] : []),
    ...notes.flatMap(({ message, fix }) => [
      line(message, fix ? 'warn' : 'dim'),
      ...(fix ? [line(`  → ${fix}`)] : []),
    ]),
  ]
}

/** One row as a table of its columns: it is too wide to be read across. */
function record(columns: readonly Column[], row: StatsRow): Block {
  const cells = cellsOf(row)
  return table(
    [
      { key: 'fact', title: 'fact' },
      { key: 'value', title: 'value' },
    ],
    columns.map(({ key, title, unit }) => ({
      cells: { fact: title, value: cells[key] },
      ...(unit && { unit }),
    })),
  )
}

const UNITS: Readonly<Record<string, Unit>> = { bytes: 'bytes', ms: 'milliseconds' }

/** Of figures that differ in what they count. */
function unitOf({ unit }: StatsRow): { unit?: Unit } {
  const known = UNITS[String(unit)]
  return known ? { unit: known } : {}
}

/** Lists as texts: a cell holds one value. */
export function cellsOf(row: StatsRow): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, key === 'history' ? (value as number[]) : cellOf(value)]),
  )
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(each => each ?? '?').join(', ')
  if (typeof value === 'object') return JSON.stringify(value)
  return value as Cell
}
