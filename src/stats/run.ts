import { type CounterWindow, countersSince } from '../catalog/counters-since.ts'
import { readerRights } from '../catalog/reader-rights.ts'
import type { Database } from '../database/database.ts'
import type { Column } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { columns } from './columns.ts'
import type { Note, Question, ReportFlags, StatsReport } from './report.ts'
import {
  checkSelection,
  checkSort,
  keysOf,
  namesSchemas,
  type Selection,
  type StatsRow,
  selected,
  selects,
} from './select.ts'

/** A report's answer, and the document of `stats`. */
export interface StatsResult {
  readonly report: string
  /** When it was taken. ISO 8601. */
  readonly at: string
  /** From when on its counters count; null where it has none, or where nobody knows. */
  readonly since: string | null
  readonly columns: readonly Column[]
  readonly rows: readonly StatsRow[]
  /** How many there are without --limit. */
  readonly total: number
  readonly notes: readonly Note[]
}

export interface Asked {
  readonly selection: Selection
  readonly partitions: boolean
  readonly flags: ReportFlags
}

/** Asks a report. Throws OpsError `usage`, exit 2, for flags that have no meaning for it. */
export async function runReport(
  database: Database,
  report: StatsReport,
  { selection, partitions, flags }: Asked,
): Promise<StatsResult> {
  checkSelection(report, selection)
  const limit = (selection.limit ?? report.limit) || null
  const question: Question = {
    database,
    flags,
    rights: await readerRights(database),
    scope: { everything: namesSchemas(selection), partitions },
    first: selects(selection) ? null : limit,
  }
  const counted = report.settlesAfter === undefined ? undefined : await countersSince(database)
  const answer = await report.ask(question)
  const window = counted && windowOf(counted, answer.since)
  const shown =
    report.columns.length > 0 ? report.columns : columns(...keysOf(answer.rows as readonly StatsRow[]))
  if (selection.sort !== undefined && answer.rows.length > 0)
    checkSort(
      selection.sort,
      shown.map(({ key }) => key),
    )
  const rows = selected(answer.rows, selection, report.size)
  return {
    report: report.name,
    at: new Date().toISOString(),
    since: window?.since ?? answer.since ?? null,
    ...answer.facts,
    columns: shown,
    rows: rows.slice(0, limit ?? rows.length),
    total: question.first === null ? rows.length : (answer.total ?? rows.length),
    notes: [
      ...(answer.notes ?? []),
      ...(window ? young(window, report.settlesAfter) : []),
      ...approximations(rows),
    ],
  }
}

type Window = Pick<CounterWindow, 'since' | 'ageMs'>

/** That of the report's own counters, where they are not the database's; both by the server's clock. */
function windowOf(counted: Window, since: string | null | undefined): Window | undefined {
  if (since === undefined) return counted
  return since === null
    ? undefined
    : { since, ageMs: counted.ageMs + Date.parse(counted.since) - Date.parse(since) }
}

/** Counters that have hardly begun say little. */
function young({ since, ageMs }: Window, settlesAfter = 0): Note[] {
  if (ageMs >= settlesAfter) return []
  return [
    {
      message: `The counters began ${milliseconds(ageMs)} ago, at ${since}: too young to judge by, which takes ${milliseconds(settlesAfter)}.`,
      fix: null,
    },
  ]
}

function approximations(rows: readonly StatsRow[]): Note[] {
  const count = rows.filter(row => row.approximate === true).length
  if (count === 0) return []
  return [
    {
      message: `${count === 1 ? '1 size is' : `${count} sizes are`} approximate: somebody keeps the relation locked.`,
      fix: 'drizzle-ops stats blocking',
    },
  ]
}
