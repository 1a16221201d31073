import type { Column } from '../output/blocks.ts'
import type { StatsReport } from './report.ts'
import type { StatsResult } from './run.ts'
import type { StatsRow } from './select.ts'

/** A look at a report with what its counters grew by since the last one. */
export interface WatchedResult extends StatsResult {
  /** Milliseconds since the last look; null for the first. */
  readonly intervalMs: number | null
  /** A counter fell: somebody reset it, or the server began anew. */
  readonly reset: boolean
}

/** What the first counter of a row grew by in the last looks, the newest last. */
type History = ReadonlyMap<string, readonly number[]>

export interface Look {
  readonly result: WatchedResult
  readonly history: History
}

const REMEMBERED = 20

const RESET = { message: 'Reset detected: the counters began anew.', fix: null }

/** The next look: each counter has its growth beside it under `<counter>Delta`, and the first one its history. */
export function nextLook(report: StatsReport, now: StatsResult, before: Look | undefined): Look {
  const { identity = [], counters = [] } = report
  const known = new Map(before?.result.rows.map(row => [keyOf(row, identity), row]))
  const rows = now.rows.map(row => withDeltas(row, known.get(keyOf(row, identity)), counters))
  const reset = rows.some(row => counters.some(counter => Number(row[`${counter}Delta`] ?? 0) < 0))
  const history = reset ? new Map() : longer(before?.history, rows, report)
  return {
    history,
    result: {
      ...now,
      intervalMs: before ? Date.parse(now.at) - Date.parse(before.result.at) : null,
      reset,
      columns: withDeltaColumns(now.columns, counters),
      rows: rows.map(row => ({
        ...(reset ? withoutDeltas(row, counters) : row),
        ...(counters.length > 0 && { history: history.get(keyOf(row, identity)) ?? [] }),
      })),
      notes: [...(reset ? [RESET] : []), ...now.notes],
    },
  }
}

function keyOf(row: StatsRow, identity: readonly string[]): string {
  return JSON.stringify(identity.map(key => row[key]))
}

function withDeltas(row: StatsRow, before: StatsRow | undefined, counters: readonly string[]): StatsRow {
  const deltas = counters.map(counter => {
    const [now, then] = [row[counter], before?.[counter]]
    return [`${counter}Delta`, typeof now === 'number' && typeof then === 'number' ? now - then : null]
  })
  return { ...row, ...Object.fromEntries(deltas) }
}

/** After a reset the difference of two numbers means nothing. */
function withoutDeltas(row: StatsRow, counters: readonly string[]): StatsRow {
  return { ...row, ...Object.fromEntries(counters.map(counter => [`${counter}Delta`, null])) }
}

function longer(
  history: History | undefined,
  rows: readonly StatsRow[],
  { identity = [], counters = [] }: StatsReport,
) {
  const [first] = counters
  return new Map(
    rows.map(row => {
      const key = keyOf(row, identity)
      const delta = row[`${first}Delta`]
      const seen = history?.get(key) ?? []
      return [key, typeof delta === 'number' ? [...seen, delta].slice(-REMEMBERED) : seen]
    }),
  )
}

function withDeltaColumns(columns: readonly Column[], counters: readonly string[]): Column[] {
  const grown = columns.flatMap(column => {
    const { key, title, unit } = column
    if (!counters.includes(key)) return [column]
    return [column, { key: `${key}Delta`, title: `+ ${title}`, ...(unit && { unit }) }]
  })
  const place = grown.findIndex(({ minor }) => minor)
  const history: Column = {
    key: 'history',
    title: `+ ${columns.find(({ key }) => key === counters[0])?.title ?? ''}, lately`,
  }
  if (counters.length === 0) return grown
  return place < 0 ? [...grown, history] : grown.toSpliced(place, 0, history)
}
