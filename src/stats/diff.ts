import { OpsError } from '../errors.ts'
import type { Measure, Snapshot } from './snapshot.ts'

/** What one number did between two snapshots. */
export interface Growth extends Pick<Measure, 'kind' | 'schema' | 'name' | 'measure' | 'unit'> {
  /** null where it was not there before. */
  readonly before: number | null
  /** null where it is gone. */
  readonly after: number | null
  readonly change: number
  readonly perDay: number
  readonly limit: number | null
  /** Milliseconds until the limit is reached at this pace; null without a limit, or where it does not come closer. */
  readonly leftMs: number | null
}

export interface SnapshotDiff {
  readonly from: string
  readonly to: string
  readonly ms: number
  readonly rows: readonly Growth[]
  /** Names of things whose counters fell: somebody reset them. */
  readonly reset: boolean
}

const DAY = 86_400_000
/** Statements that are told of for each measure. */
const QUERIES = 20
const KINDS: readonly Measure['kind'][] = ['database', 'table', 'index', 'sequence', 'query']
/** What only a reset makes smaller. */
const COUNTERS: readonly Measure['measure'][] = ['scans', 'calls', 'time']

/** What has changed, kind by kind, the largest change first. Throws OpsError `usage`, exit 2, where `after` is not later. */
export function diffSnapshots(before: Snapshot, after: Snapshot): SnapshotDiff {
  const ms = Date.parse(after.at) - Date.parse(before.at)
  if (!(ms > 0)) throw backwards(before, after)
  if (before.name !== after.name) throw different(before, after)
  const known = new Map(before.measures.map(measure => [keyOf(measure), measure]))
  const present = new Set(after.measures.map(keyOf))
  const rows = [
    ...after.measures.map(measure => growth(known.get(keyOf(measure)), measure, ms)),
    ...before.measures
      .filter(measure => !present.has(keyOf(measure)))
      .map(measure => growth(measure, undefined, ms)),
  ].filter(({ change }) => change !== 0)
  return {
    from: before.at,
    to: after.at,
    ms,
    rows: withFewQueries(rows.toSorted(byKind)),
    reset: rows.some(
      ({ measure, change, after }) => COUNTERS.includes(measure) && change < 0 && after !== null,
    ),
  }
}

/** Of the statements those whose numbers changed most: there are thousands. */
function withFewQueries(sorted: readonly Growth[]): Growth[] {
  const seen = new Map<string, number>()
  return sorted.filter(({ kind, measure }) => {
    seen.set(measure, (seen.get(measure) ?? 0) + Number(kind === 'query'))
    return kind !== 'query' || (seen.get(measure) ?? 0) <= QUERIES
  })
}

function growth(before: Measure | undefined, after: Measure | undefined, ms: number): Growth {
  const { kind, schema, name, measure, unit, limit } = (after ?? before) as Measure
  const change = (after?.value ?? 0) - (before?.value ?? 0)
  // what began within the time has no pace to tell
  const pace = before && after ? change / ms : 0
  return {
    kind,
    schema,
    name,
    measure,
    unit,
    before: before?.value ?? null,
    after: after?.value ?? null,
    change,
    perDay: (change * DAY) / ms,
    limit,
    leftMs: after && limit !== null && pace > 0 ? (limit - after.value) / pace : null,
  }
}

function keyOf({ kind, id, measure }: Measure): string {
  return `${kind}\0${id}\0${measure}`
}

function byKind(a: Growth, b: Growth): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    a.measure.localeCompare(b.measure) ||
    Math.abs(b.change) - Math.abs(a.change) ||
    a.name.localeCompare(b.name)
  )
}

function backwards(before: Snapshot, after: Snapshot): OpsError {
  return new OpsError({
    code: 'usage',
    message: `The first snapshot, of ${before.at}, is not older than the second, of ${after.at}.`,
    hint: 'Name the older one first.',
    exit: 2,
  })
}

function different(before: Snapshot, after: Snapshot): OpsError {
  return new OpsError({
    code: 'usage',
    message: `The first snapshot is of the database ${before.name}, the second of ${after.name}.`,
    hint: 'Compare two of one database.',
    exit: 2,
  })
}
