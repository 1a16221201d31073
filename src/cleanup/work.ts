import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import type { LockKey } from '../database/lock.ts'
import type { RowArchive } from './archive-file.ts'
import type { Run, Runs } from './runs.ts'
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

export function emptyTally(): Tally {
  return { matched: 0, deleted: 0, cascaded: new Map(), batches: 0, skippedLocked: 0, longestBatch: 0 }
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
