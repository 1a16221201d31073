import type { Leaf } from '../catalog/leaves.ts'
import { OpsError } from '../errors.ts'
import { findTied, type Place, type Taking, type TiedRange, type TiedRows } from './batch.ts'
import { type Committed, commitBatch, inTransaction } from './commit.ts'
import { lockingPace, type Pace, pause, smaller } from './pace.ts'
import type { Sweep } from './statements.ts'
import type { Work } from './work.ts'

/** A batch that is committed, and the pace at which that was possible. */
export interface Attempted extends Committed, Pace {}

interface Attempt extends Pace {
  readonly passesOver: boolean
}

/** Serialization failure, deadlock, lock not available, statement timeout: what a smaller batch may not meet again. */
const PASSING = ['40001', '40P01', '55P03', '57014']
const LOCKED = '55P03'
const ATTEMPTS = 5

/** Tries until the batch is committed: past rows that somebody has locked, and a few times past what passes. */
export async function attemptBatch(
  work: Work,
  sweep: Sweep,
  place: Place,
  pace: Pace,
  moves: boolean,
): Promise<Attempted> {
  const kept = work.archive?.bytes() ?? 0
  let failures = 0
  for (let now: Attempt = { ...pace, passesOver: false }; ; ) {
    try {
      const size = Math.min(now.size, work.limits.maxRows - work.tally.deleted)
      const batch = { ...place, limit: size, taking: takingOf(now) }
      return { ...(await commitBatch(work, sweep, batch, moves)), size, locking: now.locking }
    } catch (error) {
      const state = passing(error)
      // rolled back for certain, so its rows are still there
      await work.archive?.cutTo(kept)
      if (work.context.signal.aborted) throw error
      if (state === LOCKED && !now.passesOver) {
        now = pastLocked(now, sweep.leaf)
        continue
      }
      failures += 1
      if (failures === ATTEMPTS) throw error
      now = { ...now, ...smaller(now) }
      await pauseAfter(failures, work)
    }
  }
}

/** At most `most` rows that share an instant, fewer where that takes too long. `whole` says whether these are all. */
export async function attemptFindTied(
  work: Work,
  sweep: Sweep,
  range: TiedRange,
  most: number,
): Promise<TiedRows & { readonly whole: boolean }> {
  for (let failures = 0, limit = most; ; limit = Math.ceil(limit / 4)) {
    try {
      const found = await inTransaction(work, () => findTied(work.database, sweep, range, limit))
      return { ...found, whole: found.rows.length < limit }
    } catch (error) {
      passing(error)
      failures += 1
      if (work.context.signal.aborted || failures === ATTEMPTS) throw error
      await pauseAfter(failures, work)
    }
  }
}

/** The state of an error that may not come again; throws any other. */
function passing(error: unknown): string {
  const state = error instanceof OpsError ? error.sqlstate : undefined
  if (state === undefined || !PASSING.includes(state)) throw error
  return state
}

function pauseAfter(failures: number, { context }: Work): Promise<void> {
  return pause(50 * 2 ** failures * (0.5 + Math.random()), context.signal)
}

function takingOf({ passesOver, locking }: Attempt): Taking {
  if (passesOver) return 'none'
  return locking > 0 ? 'unlocked' : 'all'
}

/**
 * SKIP LOCKED passes over rows that somebody has locked, but not where a row of another table is locked that goes with
 * them, and a role that may only delete may lock none. There ever fewer rows are tried, until the one is found.
 */
function pastLocked(now: Attempt, { mayLock }: Leaf): Attempt {
  if (mayLock && now.locking === 0) return { ...now, ...lockingPace(now) }
  if (now.size > 1) return { ...now, size: Math.ceil(now.size / 4) }
  return { ...now, passesOver: true }
}
