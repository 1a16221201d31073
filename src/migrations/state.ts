import type { Layout, Migration, MigrationsFolder } from './folder.ts'
import type { History, HistoryRow } from './history.ts'
import { type Unclaimed, unclaimed, wholeSeconds } from './unclaimed.ts'

export const STATES = ['applied', 'pending', 'late', 'edited', 'restamped', 'missing', 'future'] as const

export type State = (typeof STATES)[number]

/** One migration as the files and the history together show it. */
export interface MigrationState {
  readonly name: string
  readonly state: State
  /** ISO 8601: when it was made. */
  readonly when: string | null
  /** ISO 8601; drizzle 0.x does not record it. */
  readonly appliedAt: string | null
  /** null where the file is gone. */
  readonly file: string | null
  /** Why this state is worth a remark though nothing is wrong, or what stock drizzle would do. */
  readonly note: string | null
}

/** A state together with what it was made from. */
export interface Judged {
  readonly state: MigrationState
  readonly migration: Migration | undefined
  readonly row: HistoryRow | undefined
}

/** Clocks differ; a stamp further ahead than this is a mistake. */
const FUTURE_TOLERANCE = 5 * 60_000

/**
 * Compares files and history, in the order of the files, then what has lost its file.
 * Rows are matched by hash and stamp together, then by stamp (edited), then by hash (restamped): by hash alone
 * identical files look applied, by the newest stamp alone, as drizzle 0.x does, late ones vanish.
 */
export function judge(folder: MigrationsFolder, history: History, now: number): Judged[] {
  const rows = unclaimed(history.rows, folder.layout === 'folders')
  const claims = claimRows(folder, rows)
  const newest = Math.max(...history.rows.map(row => row.createdAt ?? Number.NEGATIVE_INFINITY))
  const copies = countRecords(history.rows)
  const files = folder.migrations.map((migration): Judged => {
    const row = claims.get(migration)
    const state = row
      ? appliedState(folder.layout, migration, row, copies.get(recordOf(row)) ?? 1)
      : unappliedState(folder.layout, migration, newest, now)
    return { migration, row, state: { ...describe(migration), appliedAt: row?.appliedAt ?? null, ...state } }
  })
  // where no file is left, it was no squash
  const oldest =
    folder.migrations.length > 0
      ? Math.min(...folder.migrations.map(migration => migration.when))
      : Number.NEGATIVE_INFINITY
  const claimed = new Set([...claims.values()].map(recordOf))
  const gone = rows.left().filter(row => !claimed.has(recordOf(row)))
  return [...files, ...gone.map(row => ({ migration: undefined, row, state: missing(row, oldest) }))]
}

/** Two rows alike: stock drizzle takes no lock, and of two runs at once each records what it ran. */
export function recordOf({ hash, createdAt, name }: HistoryRow): string {
  return JSON.stringify([hash, createdAt, name])
}

function countRecords(rows: readonly HistoryRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(recordOf(row), (counts.get(recordOf(row)) ?? 0) + 1)
  return counts
}

/** Nothing to run and nothing to mend. */
export function isUpToDate(states: readonly MigrationState[]): boolean {
  return states.every(
    ({ state, note }) =>
      state === 'applied' || state === 'restamped' || (state === 'missing' && note !== null),
  )
}

type Verdict = Pick<MigrationState, 'state' | 'note'>

function appliedState(layout: Layout, migration: Migration, row: HistoryRow, copies: number): Verdict {
  if (!hasHash(migration, row.hash)) return { state: 'edited', note: null }
  const sameStamp =
    layout === 'folders'
      ? row.name === null || row.name === migration.name
      : sameInstant(row.createdAt, migration.when)
  if (sameStamp) return { state: 'applied', note: copies > 1 ? `recorded ${copies} times` : null }
  return { state: 'restamped', note: `recorded ${recordedAs(row)}` }
}

function recordedAs({ name, createdAt }: HistoryRow): string {
  const when = instant(createdAt)
  return name !== null || when !== null ? `as ${name ?? when}` : 'without a time'
}

function unappliedState(layout: Layout, { when }: Migration, newest: number, now: number): Verdict {
  if (when > now + FUTURE_TOLERANCE) return { state: 'future', note: null }
  if (when > newest) return { state: 'pending', note: null }
  return layout === 'journal'
    ? { state: 'late', note: 'drizzle-kit migrate would skip it in silence' }
    : { state: 'pending', note: 'older than the newest applied' }
}

function missing(row: HistoryRow, oldestFile: number): MigrationState {
  const squashed = row.createdAt !== null && row.createdAt < oldestFile
  return {
    name: row.name ?? `row ${row.id}`,
    state: 'missing',
    when: instant(row.createdAt),
    appliedAt: row.appliedAt,
    file: null,
    note: squashed ? 'older than the oldest file, as after a squash' : null,
  }
}

function describe({ name, when, file }: Migration) {
  return { name, when: instant(when), file }
}

/** The surest matches first, so that a row is never taken from the file that it belongs to. */
function claimRows({ layout, migrations }: MigrationsFolder, rows: Unclaimed): Map<Migration, HistoryRow> {
  const claims = new Map<Migration, HistoryRow>()
  const matchers: ((migration: Migration) => HistoryRow | undefined)[] = [
    migration => (layout === 'folders' ? rows.claimName(migration.name) : undefined),
    migration => rows.claimStamp(migration.when, row => row.hash === migration.hash),
    migration => rows.claimStamp(migration.when, row => hasHash(migration, row.hash)),
    migration => rows.claimHash(migration.hash),
    migration => rows.claimStamp(migration.when, () => true),
  ]
  for (const claim of matchers) {
    for (const migration of migrations) {
      const row = claims.has(migration) ? undefined : claim(migration)
      if (row) claims.set(migration, row)
    }
  }
  return claims
}

function hasHash(migration: Migration, hash: string): boolean {
  return migration.hash === hash || migration.otherLineEndings().includes(hash)
}

/** drizzle 1.0 cuts the milliseconds off when it takes over a 0.x table. */
function sameInstant(recorded: number | null, when: number): boolean {
  return recorded === when || recorded === wholeSeconds(when)
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null || Number.isNaN(new Date(milliseconds).getTime())
    ? null
    : new Date(milliseconds).toISOString()
}
