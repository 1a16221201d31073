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
}

export function firstPace(batchSize: number | undefined): Pace {
  return { size: batchSize ?? FIRST }
}

/** A batch that took so long says how large the next may be. A size that was asked for is only ever lowered. */
export function nextPace(
  { size }: Pace,
  batch: { readonly ms: number; readonly matched: number; readonly waiting: number },
  { batchSize, keepsRows }: { readonly batchSize: number | undefined; readonly keepsRows: boolean },
): Pace {
  if (batch.waiting > 0) return { size: Math.max(FEWEST, Math.floor(size / 2)) }
  const most = Math.min(batchSize ?? MOST, keepsRows ? MOST_KEPT : MOST)
  const fitting = Math.floor((batch.matched * TARGET) / Math.max(batch.ms, 1))
  return { size: Math.min(most, Math.max(FEWEST, Math.min(fitting, size * GROWTH))) }
}

export function smaller({ size }: Pace): Pace {
  return { size: Math.max(1, Math.floor(size / 2)) }
}

/** Waits, and no longer than until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await sleep(ms, undefined, { signal }).catch(() => {})
}
