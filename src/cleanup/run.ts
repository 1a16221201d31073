import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { lockKey, withLock } from '../database/lock.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { withRowArchive } from './archive-file.ts'
import { dropLeaf, wholeLeaves } from './partitions.ts'
import { beginRun, endRun, openRun, type Run, type Runs } from './runs.ts'
import { nameOf, type Subject } from './subject.ts'
import { type Limits, type StoppedBy, sweep, type Tally } from './sweep.ts'
import { type Vacuumed, vacuum } from './vacuum.ts'

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
  /** Null at the end. `running`: another run of the policy is at work. */
  readonly stoppedBy: StoppedBy | 'running' | null
  /** Rows that somebody kept locked to the end; the next run takes them. */
  readonly skippedLocked: number
  /** Whether it went on where a stopped run had come to, with that run's cutoff. */
  readonly resumed: boolean
  readonly vacuum: Vacuumed
}

export interface RunOptions {
  readonly limits: Limits
  readonly archive?: string | undefined
  /** Whether to begin anew where a stopped run could be resumed. */
  readonly restart: boolean
  /** Whether runs can be written down. */
  readonly recorded: boolean
}

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
  const tally: Tally = {
    matched: 0,
    deleted: 0,
    cascaded: new Map(),
    batches: 0,
    skippedLocked: 0,
    longestBatch: 0,
  }
  const key = lockKey('cleanup', project.migrationsTable.schema, subject.policy.name)
  const result = (facts: Pick<PolicyResult, 'stoppedBy'> & Partial<PolicyResult>): PolicyResult => ({
    name: subject.policy.name,
    table: nameOf(subject.table),
    cutoff,
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
  })
  const runs = options.recorded
    ? { schema: project.migrationsTable.schema, policy: subject.policy.name }
    : undefined
  const perform = async () => {
    const before = runs && !options.restart ? await openRun(database, runs) : undefined
    const run = before ?? (await newRun(database, runs, cutoff))
    const keep = keptBytes(run, options.archive)
    const dropped = options.archive ? [] : await dropWhole(database, subject, run.cutoff, tally)
    const left = subject.leaves.filter(leaf => !dropped.includes(`${leaf.schema}.${leaf.name}`))
    const work = {
      context,
      database,
      limits: options.limits,
      tally,
      runs,
      run,
      key,
      subject: { ...subject, leaves: left },
    }
    const stoppedBy = options.archive
      ? await withRowArchive(options.archive, keep, archive => sweep({ ...work, archive }))
      : await sweep({ ...work, archive: undefined })
    if (runs) await endRun(database, runs, run, stoppedBy)
    return result({
      stoppedBy,
      cutoff: run.cutoff,
      droppedPartitions: dropped,
      resumed: before !== undefined,
      vacuum: stoppedBy === null ? await vacuum(database, left, tally.deleted, warnings) : 'not-worthwhile',
    })
  }
  try {
    return database.server.pooler === 'transaction'
      ? await perform()
      : await withLock(database, key, { limit: 0, signal: context.signal, waiting() {} }, perform)
  } catch (error) {
    if (error instanceof OpsError && error.code === 'lock-held') return result({ stoppedBy: 'running' })
    throw error
  }
}

async function newRun(database: Database, runs: Runs | undefined, cutoff: string | null): Promise<Run> {
  return runs ? beginRun(database, runs, cutoff) : { id: 0, cutoff, place: null, deleted: 0 }
}

/** How much of an archive that exists already belongs to what the resumed run has deleted. */
function keptBytes({ place }: Run, archive: string | undefined): number | undefined {
  return archive !== undefined && place?.archive?.file === archive ? place.archive.bytes : undefined
}

async function dropWhole(
  database: Database,
  subject: Subject,
  cutoff: string | null,
  tally: Tally,
): Promise<string[]> {
  const leaves = cutoff === null ? [] : await wholeLeaves(database, subject, cutoff)
  for (const leaf of leaves) {
    const rows = await dropLeaf(database, leaf)
    tally.matched += rows
    tally.deleted += rows
  }
  return leaves.map(({ schema, name }) => `${schema}.${name}`)
}
