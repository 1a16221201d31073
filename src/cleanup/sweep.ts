import type { Leaf } from '../catalog/leaves.ts'
import { replayLag } from '../catalog/replay-lag.ts'
import { type TableChanges, transactionChanges } from '../catalog/transaction-changes.ts'
import { sessionsWaitingForUs } from '../catalog/waiting-for-us.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { type LockKey, withLockedTransaction } from '../database/lock.ts'
import { settingsWithin } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import { placeOf, type RowArchive } from './archive-file.ts'
import { type Batch, type BatchRange, deleteBatch } from './batch.ts'
import { firstPace, lockingPace, nextPace, type Pace, pause, smaller } from './pace.ts'
import { confirmRun, NOWHERE, type Run, type Runs, saveRun } from './runs.ts'
import { type Cursor, type Sweep, sweepOf } from './statements.ts'
import type { Subject } from './subject.ts'

/** What bounds a sweep. Milliseconds and rows; undefined has no bound. */
export interface Limits {
  readonly batchSize?: number | undefined
  /** Milliseconds between batches. */
  readonly sleep: number
  /** When to stop, on the clock of `performance.now()`. */
  readonly deadline: number
  readonly maxRows: number
  /** Milliseconds that a standby may be behind. */
  readonly maxLag: number
}

export type StoppedBy = 'max-time' | 'max-rows' | 'signal'

/** What a sweep has done so far. Grows while it works, so that a failure can tell it. */
export interface Tally {
  matched: number
  deleted: number
  cascaded: Map<string, number>
  batches: number
  /** Rows that somebody kept locked to the end. */
  skippedLocked: number
  longestBatch: number
}

/** A sweep under way. */
export interface Work {
  readonly context: Context
  readonly database: Database
  readonly subject: Subject
  readonly limits: Limits
  readonly tally: Tally
  /** Keeps the policy to one run at a time. */
  readonly key: LockKey
  readonly archive: RowArchive | undefined
  /** Undefined where the role may not write runs down. */
  readonly runs: Runs | undefined
  run: Run
}

interface Range {
  readonly after: Cursor | null
  readonly upTo: Cursor | null
}

/** Deletes leaf by leaf. Returns what stopped it, or null at its end. */
export async function sweep(work: Work): Promise<StoppedBy | null> {
  const { leaves } = work.subject
  const { place } = work.run
  const begun = leaves.findIndex(({ oid }) => oid === place?.leaf)
  for (const leaf of leaves.slice(Math.max(begun, 0))) {
    const after = leaf.oid === place?.leaf ? place.after : null
    const stopped = await sweepLeaf(work, leaf, after)
    if (stopped) return stopped
  }
  return null
}

/** Once through all rows, then again through the ranges in which rows were locked. */
async function sweepLeaf(work: Work, leaf: Leaf, after: Cursor | null): Promise<StoppedBy | null> {
  const chosen = sweepOf(work.database, work.subject, leaf, work.run.cutoff)
  const locked: Range[] = []
  const stopped = await sweepRange(work, chosen, { after, upTo: null }, locked)
  if (stopped) return stopped
  const still: Range[] = []
  for (const range of locked) {
    const ended = await sweepRange(work, chosen, range, still, false)
    if (ended) return ended
  }
  return null
}

async function sweepRange(
  work: Work,
  chosen: Sweep,
  range: Range,
  locked: Range[],
  first = true,
): Promise<StoppedBy | null> {
  const { context, limits, tally } = work
  let pace = firstPace(limits.batchSize)
  let after = range.after
  for (;;) {
    const stopped = await holdUp(work)
    if (stopped) return stopped
    const { batch, ms, waiting, size, locking } = await tried(
      work,
      chosen,
      { after, upTo: range.upTo },
      pace,
      first,
    )
    count(tally, batch, ms, first)
    if (batch.last === null) return null
    if (batch.deleted < batch.matched) locked.push({ after, upTo: batch.last })
    after = batch.last
    context.report.progress(`${work.subject.policy.name}: ${tally.deleted} rows deleted`)
    if (batch.matched < size) return null
    pace = nextPace(
      { size, locking },
      { ms, waiting, matched: batch.matched },
      { batchSize: limits.batchSize, keepsRows: work.archive !== undefined },
    )
    await pause(Math.max(limits.sleep, waiting > 0 ? ms : 0), context.signal)
  }
}

/** The second time through, the rows that are still locked were counted as matched before. */
function count(tally: Tally, { matched, deleted }: Batch, ms: number, first: boolean): void {
  tally.deleted += deleted
  tally.skippedLocked += first ? matched - deleted : -deleted
  if (first) tally.matched += matched
  tally.batches += 1
  tally.longestBatch = Math.max(tally.longestBatch, ms)
}

/** Milliseconds between two looks at the standbys. */
const LAG_PAUSE = 1000

/** Whether it is time to stop; waits while a standby is too far behind. */
async function holdUp({ context, database, limits, tally }: Work): Promise<StoppedBy | null> {
  for (let told = false; ; told = true) {
    if (context.signal.aborted) return 'signal'
    if (performance.now() >= limits.deadline) return 'max-time'
    if (tally.deleted >= limits.maxRows) return 'max-rows'
    const lag = Number.isFinite(limits.maxLag) ? await replayLag(database) : null
    if (lag === null || lag * 1000 <= limits.maxLag) return null
    if (!told) context.report.note(`A standby is ${lag.toFixed(1)}s behind; waiting for it.`)
    await pause(LAG_PAUSE, context.signal)
  }
}

interface Tried {
  readonly batch: Batch
  readonly ms: number
  /** Sessions that waited for a row of the batch. */
  readonly waiting: number
  readonly size: number
  readonly locking: number
}

/** Serialization failure, deadlock, lock not available, statement timeout: what a smaller batch may not meet again. */
const PASSING = ['40001', '40P01', '55P03', '57014']
const LOCKED = '55P03'
const ATTEMPTS = 5
/** Milliseconds: without locks of our own, whoever has locked a row would be waited for. */
const NO_WAITING = 'SET LOCAL lock_timeout = 10'

async function tried(work: Work, chosen: Sweep, range: Range, pace: Pace, first: boolean): Promise<Tried> {
  const kept = work.archive?.bytes() ?? 0
  for (let attempt = 1, now = pace; ; attempt += 1) {
    try {
      const size = Math.min(now.size, work.limits.maxRows - work.tally.deleted)
      const batch = { ...range, limit: size, locking: now.locking > 0 }
      return { ...(await commitBatch(work, chosen, batch, first)), size, locking: now.locking }
    } catch (error) {
      const passing = error instanceof OpsError && PASSING.includes(error.sqlstate ?? '')
      // rolled back for certain, so its rows are still there
      if (passing) await work.archive?.cutTo(kept)
      if (!passing || attempt === ATTEMPTS || work.context.signal.aborted) throw error
      if (error.sqlstate === LOCKED && now.locking === 0) {
        now = lockingPace(now)
        continue
      }
      now = smaller(now)
      await pause(50 * 2 ** attempt * (0.5 + Math.random()), work.context.signal)
    }
  }
}

/** Instants and numbers as text that every session reads alike. */
const OUTPUT =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 3"

/** The rows, their archive and the place in the run: all of them or none. */
async function commitBatch(
  work: Work,
  chosen: Sweep,
  range: BatchRange,
  first: boolean,
): Promise<Omit<Tried, 'size' | 'locking'>> {
  const { database, archive, runs, tally } = work
  const started = performance.now()
  const result = await inTransaction(work, async () => {
    if (!range.locking) await database.script(NO_WAITING)
    if (runs) await confirmRun(database, runs, work.run)
    const before = await transactionChanges(database)
    const batch = await deleteBatch(database, chosen, range, archive !== undefined)
    const cascaded = difference(before, await transactionChanges(database), chosen.leaf, batch.deleted)
    const waiting = await sessionsWaitingForUs(database)
    if (batch.rows && archive) await archive.append(batch.rows)
    // the second time through is short, and would only lead a later run back
    const place =
      first && batch.last
        ? { leaf: chosen.leaf.oid, after: batch.last, order: chosen.order.map(({ name }) => name) }
        : work.run.place
    const run = {
      ...work.run,
      deleted: work.run.deleted + batch.deleted,
      place: archive ? { ...(place ?? NOWHERE), archive: placeOf(archive) } : place,
    }
    if (runs) await saveRun(database, runs, run)
    return { batch, cascaded, waiting, run }
  })
  work.run = result.run
  for (const [table, rows] of result.cascaded)
    tally.cascaded.set(table, (tally.cascaded.get(table) ?? 0) + rows)
  return { batch: result.batch, waiting: result.waiting, ms: performance.now() - started }
}

/** A transaction pooler gives every transaction another session, so there the lock is taken with each of them. */
export async function inTransaction<T>(
  { database, context, key }: Pick<Work, 'database' | 'context' | 'key'>,
  work: () => Promise<T>,
): Promise<T> {
  const settings = `${settingsWithin(database)}; ${OUTPUT}`
  return database.server.pooler === 'transaction'
    ? withLockedTransaction(database, settings, key, { limit: 0, signal: context.signal, waiting() {} }, work)
    : withTransaction(database, `BEGIN; ${settings}`, work)
}

/** What foreign keys' actions did, in the table itself as well where it refers to itself. */
function difference(
  before: readonly TableChanges[],
  after: readonly TableChanges[],
  { schema, name }: Leaf,
  own: number,
): Map<string, number> {
  const had = new Map(before.map(each => [each.table, each.deleted + each.updated]))
  const rowsOf = ({ table, deleted, updated }: TableChanges) =>
    deleted + updated - (had.get(table) ?? 0) - (table === `${schema}.${name}` ? own : 0)
  return new Map(
    after
      .filter(({ table }) => !table.endsWith(`.${RUNS_TABLE}`))
      .map(each => [each.table, rowsOf(each)] as const)
      .filter(([, rows]) => rows > 0),
  )
}
