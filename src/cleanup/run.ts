import { randomUUID } from 'node:crypto'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { lockKey, withLock } from '../database/lock.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type ArchiveChoice, sweepArchiving } from './archiving.ts'
import { inTransaction } from './commit.ts'
import { dropWhole } from './partitions.ts'
import { type PolicyResult, resultOf } from './policy-result.ts'
import { endRun, takeRun } from './runs.ts'
import { orderOf } from './statements.ts'
import { nameOf, type Subject } from './subject.ts'
import { vacuum } from './vacuum.ts'
import { emptyTally, type Limits } from './work.ts'

export interface RunOptions {
  readonly limits: Limits
  readonly archive?: ArchiveChoice | undefined
  /** Whether to begin anew where a stopped run could be resumed. */
  readonly restart: boolean
  /** Whether runs can be written down. */
  readonly recorded: boolean
  /** Whether to VACUUM what has been emptied. */
  readonly vacuums: boolean
}

/** Milliseconds: longer than a batch with its retries may take. */
const LEASE = 60_000

/** What the server has warned of so far. */
export type Warnings = readonly string[]

/** Carries a policy out. Only one run of a policy at a time: a second one comes back with `stoppedBy: "running"`. */
export async function runPolicy(
  context: Context,
  database: Database,
  project: Project,
  subject: Subject,
  cutoff: string | null,
  options: RunOptions,
  warnings: Warnings,
): Promise<PolicyResult> {
  const started = performance.now()
  const tally = emptyTally()
  const key = lockKey('cleanup', project.migrationsTable.schema, subject.policy.name)
  const result = (facts: Pick<PolicyResult, 'stoppedBy'> & Partial<PolicyResult>) =>
    resultOf(subject, tally, started, { cutoff, ...facts })
  const pooled = database.server.pooler === 'transaction'
  const runs = options.recorded
    ? {
        schema: project.migrationsTable.schema,
        policy: subject.policy.name,
        holder: randomUUID(),
        lease: pooled ? LEASE + options.limits.sleep : null,
      }
    : undefined
  const perform = async () => {
    const wanted = { cutoff, order: orderOf(subject), restart: options.restart }
    const { run, resumed } = runs
      ? await inTransaction({ context, database, key }, () => takeRun(database, runs, wanted))
      : { run: { id: 0, cutoff, place: null, deleted: 0 }, resumed: false }
    try {
      const dropped = options.archive
        ? []
        : await dropWhole({ context, database, tally }, subject, run.cutoff)
      const { deleted: inDropped } = tally
      const leaves = subject.leaves.filter(leaf => !dropped.includes(nameOf(leaf)))
      const work = { context, database, limits: options.limits, tally, runs, run, key, archive: undefined }
      const stoppedBy = await sweepArchiving({ ...work, subject: { ...subject, leaves } }, options.archive)
      if (runs) await endRun(database, runs, run, stoppedBy)
      const ended = { stoppedBy, cutoff: run.cutoff, droppedPartitions: dropped, resumed }
      if (stoppedBy !== null) return result(ended)
      const deleted = run.deleted + tally.deleted - inDropped
      const vacuumed = options.vacuums ? await vacuum(database, leaves, deleted, warnings) : 'left-out'
      return result({ ...ended, vacuum: vacuumed })
    } catch (error) {
      // the next run goes on; the first error is the one to tell
      if (runs) await endRun(database, runs, run, 'failure').catch(() => {})
      throw error
    }
  }
  try {
    return pooled
      ? await perform()
      : await withLock(database, key, { limit: 0, signal: context.signal, waiting() {} }, perform)
  } catch (error) {
    if (error instanceof OpsError && error.code === 'lock-held') return result({ stoppedBy: 'running' })
    throw error instanceof OpsError && tally.deleted > 0
      ? knowing(error, { policies: [result({ stoppedBy: 'failure' })] })
      : error
  }
}
