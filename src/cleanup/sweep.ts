import type { Leaf } from '../catalog/leaves.ts'
import { type Attempted, attemptBatch, attemptFindTied } from './attempt.ts'
import type { Range, TiedRange } from './batch.ts'
import { holdUp } from './hold-up.ts'
import { firstPace, nextPace, type Pace, pause } from './pace.ts'
import { type Cursor, type Sweep, sweepOf } from './statements.ts'
import type { StoppedBy, Work } from './work.ts'

/** Once through a range of one leaf. */
interface Walk {
  readonly work: Work
  readonly sweep: Sweep
  /** Whether nobody has been here before. */
  readonly first: boolean
  /** Where rows were locked, for another walk. */
  readonly locked: Range[]
  pace: Pace
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
  const walk = (range: Range, first: boolean) =>
    walkRange(
      { work, sweep: chosen, first, locked: first ? locked : [], pace: firstPace(work.limits.batchSize) },
      range,
    )
  const stopped = await walk({ after, upTo: null }, true)
  if (stopped) return stopped
  for (const range of locked) {
    const ended = await walk(range, false)
    if (ended) return ended
  }
  return null
}

async function walkRange(walk: Walk, { after, upTo }: Range): Promise<StoppedBy | null> {
  for (let place = after; ; ) {
    const stopped = await holdUp(walk.work)
    if (stopped) return stopped
    // the second time through is short, and would only lead a later run back
    const done = await attemptBatch(walk.work, walk.sweep, { after: place, upTo }, walk.pace, walk.first)
    const { last, matched, deleted } = done.batch
    count(walk, done)
    if (last === null) return null
    if (deleted < matched) remember(walk.locked, { after: place, upTo: last })
    if (matched < done.size) return null
    // orphans go by a key whose index tells all of them apart
    const tied = walk.work.subject.policy.kind === 'age' && last[0] === place?.[0]
    place = last
    await adapt(walk, done)
    if (!tied) continue
    const rest = await walkTied(walk, { after: place, upTo })
    if ('stopped' in rest) return rest.stopped
    place = rest.last
  }
}

/** Rows that are found at once and kept in memory: 4 MB. */
const AHEAD = 50_000

/**
 * More rows than a batch holds share the instant of `after`. An index on it tells them not apart, so that each batch
 * would read all of them again (1,000,000: 1 s a batch). They are found once for many batches, without a lock.
 */
async function walkTied(
  walk: Walk,
  { after, upTo }: TiedRange,
): Promise<{ readonly stopped: StoppedBy } | { readonly last: Cursor }> {
  const { work, sweep } = walk
  for (let place = after; ; ) {
    const { rows, last, whole } = await attemptFindTied(work, sweep, { after: place, upTo }, AHEAD)
    const stopped = await walkFound(walk, rows, { after: place, upTo: last })
    if (stopped) return { stopped }
    place = last ?? place
    if (whole) return { last: place }
  }
}

async function walkFound(walk: Walk, rows: readonly string[], range: Range): Promise<StoppedBy | null> {
  for (let done = 0, size = 0; done < rows.length; done += size) {
    const stopped = await holdUp(walk.work)
    if (stopped) return stopped
    const attempted = await attemptBatch(walk.work, walk.sweep, { among: rows.slice(done) }, walk.pace, false)
    size = attempted.size
    count(walk, attempted)
    // one that is not there any more may have been updated, and then stands elsewhere
    if (attempted.batch.deleted < Math.min(size, rows.length - done)) remember(walk.locked, range)
    await adapt(walk, attempted)
  }
  return null
}

async function adapt(walk: Walk, { size, locking, ms, waiting, batch }: Attempted): Promise<void> {
  const { context, limits, archive } = walk.work
  walk.pace = nextPace(
    { size, locking },
    { ms, waiting, matched: batch.matched },
    { batchSize: limits.batchSize, keepsRows: archive !== undefined },
  )
  await pause(Math.max(limits.sleep, waiting > 0 ? ms : 0), context.signal)
}

/** One range for all that lies side by side. */
function remember(locked: Range[], range: Range): void {
  const before = locked.at(-1)
  const beside = before && (before.upTo === range.after || before.after === range.after)
  if (beside) locked.splice(-1, 1, { after: before.after, upTo: range.upTo })
  else locked.push(range)
}

/** The second time through, the rows that are still locked were counted as matched before. */
function count({ work, first }: Walk, { batch: { matched, deleted }, ms }: Attempted): void {
  const { tally, context, subject } = work
  tally.deleted += deleted
  // one that was updated meanwhile is met for the first time then
  tally.matched = Math.max(tally.matched + (first ? matched : 0), tally.deleted)
  tally.skippedLocked = Math.max(tally.skippedLocked + (first ? matched : 0) - deleted, 0)
  tally.batches += 1
  tally.longestBatch = Math.max(tally.longestBatch, ms)
  context.report.progress(`${subject.policy.name}: ${tally.deleted} rows deleted`)
}
