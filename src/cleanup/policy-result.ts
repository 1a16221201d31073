import { nameOf, type Subject } from './subject.ts'
import type { Vacuumed } from './vacuum.ts'
import type { StoppedBy, Tally } from './work.ts'

/** What a run of a policy came to. */
export interface PolicyResult {
  readonly name: string
  readonly table: string
  /** An instant; null for what has no age. */
  readonly cutoff: string | null
  readonly matched: number
  readonly deleted: number
  /** Rows that foreign keys' actions deleted or changed. */
  readonly cascaded: number
  readonly cascadedTables: readonly { readonly table: string; readonly rows: number }[]
  readonly droppedPartitions: readonly string[]
  readonly batches: number
  readonly longestBatchMs: number
  readonly ms: number
  /** Null at the end. `running`: another run of the policy is at work. `failure`: the error says what. */
  readonly stoppedBy: StoppedBy | 'running' | 'failure' | null
  /** Rows that somebody kept locked to the end; the next run takes them. */
  readonly skippedLocked: number
  /** Whether it went on where a stopped run had come to, with that run's cutoff. */
  readonly resumed: boolean
  readonly vacuum: Vacuumed
}

/** What a run has come to so far. `started` on the clock of `performance.now()`. */
export function resultOf(
  { policy, table }: Subject,
  tally: Tally,
  started: number,
  facts: Pick<PolicyResult, 'cutoff' | 'stoppedBy'> & Partial<PolicyResult>,
): PolicyResult {
  return {
    name: policy.name,
    table: nameOf(table),
    matched: tally.matched,
    deleted: tally.deleted,
    cascaded: [...tally.cascaded.values()].reduce((sum, rows) => sum + rows, 0),
    cascadedTables: [...tally.cascaded].map(([table, rows]) => ({ table, rows })),
    droppedPartitions: [],
    batches: tally.batches,
    longestBatchMs: tally.longestBatch,
    ms: performance.now() - started,
    skippedLocked: tally.skippedLocked,
    resumed: false,
    vacuum: 'not-worthwhile',
    ...facts,
  }
}
