import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for a batch: whoever wants one of its rows waits so long, and not over 250 where one is slower. */
const TARGET = 150
const FIRST = 1000
const FEWEST = 50
/** Rows that are kept in memory on their way to an archive. */
const MOST_KEPT = 5000
const MOST = 100_000
/** How much a batch may be larger than the one before: the first of them are quick because all is in memory. */
const GROWTH = 2

/** How many rows a batch takes, and how long to wait behind it. */
export interface Pace {
  readonly size: number
  /** For so many batches rows are locked before they are deleted. */
  readonly locking: number
}

/** Rows that others have locked seldom come alone. */
const LOCKING = 10

/** Nobody is expected to have locked what has expired: to lock the rows first takes as long as to delete them. */
export function firstPace(batchSize: number | undefined): Pace {
  return { size: batchSize ?? FIRST, locking: 0 }
}

export function lockingPace(pace: Pace): Pace {
  return { ...pace, locking: LOCKING }
}

/** A batch that took so long says how large the next may be. A size that was asked for is only ever lowered. */
export function nextPace(
  { size, locking: before }: Pace,
  batch: { readonly ms: number; readonly matched: number; readonly waiting: number },
  { batchSize, keepsRows }: { readonly batchSize: number | undefined; readonly keepsRows: boolean },
): Pace {
  const locking = Math.max(before - 1, 0)
  if (batch.waiting > 0) return { size: Math.max(FEWEST, Math.floor(size / 2)), locking }
  const most = Math.min(batchSize ?? MOST, keepsRows ? MOST_KEPT : MOST)
  const fitting = Math.floor((batch.matched * TARGET) / Math.max(batch.ms, 1))
  return { size: Math.min(most, Math.max(FEWEST, Math.min(fitting, size * GROWTH))), locking }
}

export function smaller({ size, locking }: Pace): Pace {
  return { size: Math.max(1, Math.floor(size / 2)), locking }
}

/** Waits, and no longer than until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await sleep(ms, undefined, { signal }).catch(() => {})
}
