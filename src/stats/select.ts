import { OpsError } from '../errors.ts'
import { isExcluding, matcherOf } from './globs.ts'
import type { StatsReport } from './report.ts'

/** Which rows of a report are wanted. */
export interface Selection {
  readonly schema?: readonly string[]
  readonly table?: readonly string[]
  /** In bytes. */
  readonly minSize?: number
  /** A column, the largest first; with a dash before it the smallest. */
  readonly sort?: string
  /** 0: all. */
  readonly limit?: number
}

export type StatsRow = Readonly<Record<string, unknown>>

/** Whether schemas are named, and so all of what is in them is meant. */
export function namesSchemas({ schema = [] }: Selection): boolean {
  return schema.some(pattern => !isExcluding(pattern))
}

/** Whether it takes other rows than the first in the report's own order. */
export function selects({ schema, table, minSize, sort }: Selection): boolean {
  return schema !== undefined || table !== undefined || minSize !== undefined || sort !== undefined
}

/** Throws OpsError `usage`, exit 2, where the report has nothing that a flag could select by. */
export function checkSelection({ name, columns, size }: StatsReport, selection: Selection): void {
  // the rows of some reports tell their columns themselves
  if (columns.length === 0) return
  const keys = columns.map(({ key }) => key)
  if (selection.schema && !keys.includes('schema')) throw senseless(name, '--schema', 'schemas')
  if (selection.table && !keys.includes('table')) throw senseless(name, '--table', 'tables')
  if (selection.minSize !== undefined && !size) throw senseless(name, '--min-size', 'sizes')
  if (selection.sort !== undefined) checkSort(selection.sort, keys)
}

export function checkSort(sort: string, keys: readonly string[]): void {
  if (keys.includes(columnOf(sort))) return
  throw new OpsError({
    code: 'usage',
    message: `There is no column ${columnOf(sort)} to sort by.`,
    hint: `The columns are ${keys.join(', ')}.`,
    exit: 2,
  })
}

/** The rows that are wanted, in the order that is wanted; `limit` is left to the caller, who also counts them. */
export function selected(
  rows: readonly object[],
  selection: Selection,
  size: string | undefined,
): StatsRow[] {
  const { schema, table, minSize = 0, sort } = selection
  const inSchema = matcherOf(schema ?? [])
  const isTable = matcherOf(table ?? [])
  const wanted = (rows as readonly StatsRow[]).filter(
    row =>
      (!schema || inSchema(String(row.schema))) &&
      (!table || isTable(String(row.table))) &&
      (!size || Number(row[size] ?? 0) >= minSize),
  )
  return sort === undefined ? wanted : wanted.toSorted(by(sort))
}

function columnOf(sort: string): string {
  return sort.startsWith('-') ? sort.slice(1) : sort
}

/** Numbers the largest first, texts from A; what is unknown comes last either way. */
function by(sort: string): (a: StatsRow, b: StatsRow) => number {
  const key = columnOf(sort)
  const turn = sort.startsWith('-') ? -1 : 1
  return (a, b) => {
    const [left, right] = [a[key] ?? null, b[key] ?? null]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    if (typeof left === 'number' && typeof right === 'number') return turn * (right - left)
    return turn * String(left).localeCompare(String(right), 'en', { numeric: true })
  }
}

function senseless(report: string, flag: string, what: string): OpsError {
  return new OpsError({
    code: 'usage',
    message: `${flag} has no meaning for ${report}, which knows no ${what}.`,
    hint: 'Leave the flag out; drizzle-ops stats list says what each report is about.',
    exit: 2,
  })
}

/** The columns of rows whose report does not name them. */
export function keysOf(rows: readonly StatsRow[]): string[] {
  return [...new Set(rows.flatMap(row => Object.keys(row)))]
}
