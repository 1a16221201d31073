import { randomUUID } from 'node:crypto'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { lockKey, withLock } from '../database/lock.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { placeOf, withRowArchive } from './archive-file.ts'
import { inTransaction } from './commit.ts'
import { dropLeaf, wholeLeaves } from './partitions.ts'
import { archivedBytes, endRun, NOWHERE, saveRun, takeRun } from './runs.ts'
import { orderOf } from './statements.ts'
import { nameOf, type Subject } from './subject.ts'
import { sweep } from './sweep.ts'
import { type Vacuumed, vacuum } from './vacuum.ts'
import type { Limits, StoppedBy, Tally, Work } from './work.ts'

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

/** The file that all policies of a command write to. */
export interface ArchiveChoice {
  readonly file: string
  /** Bytes that this command has written so far; undefined before its first policy. */
  written?: number
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
      const dropped = options.archive ? [] : await dropWhole(database, subject, run.cutoff, tally)
      const leaves = subject.leaves.filter(leaf => !dropped.includes(nameOf(leaf)))
      const work = { context, database, limits: options.limits, tally, runs, run, key, archive: undefined }
      const stoppedBy = await archiving({ ...work, subject: { ...subject, leaves } }, options.archive)
      if (runs) await endRun(database, runs, run, stoppedBy)
      const vacuums = stoppedBy === null && options.vacuums
      return result({
        stoppedBy,
        cutoff: run.cutoff,
        droppedPartitions: dropped,
        resumed,
        vacuum: vacuums
          ? await vacuum(database, leaves, tally.deleted, warnings)
          : stoppedBy === null
            ? 'left-out'
            : 'not-worthwhile',
      })
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

/** Sweeps, and keeps the rows where that is asked for: the file is in the run before the first row is in the file. */
async function archiving(work: Work, archive: ArchiveChoice | undefined): Promise<StoppedBy | null> {
  if (!archive) return sweep(work)
  const { database, runs, run } = work
  const before = run.place?.archive?.file === archive.file
  const known = runs && before ? await archivedBytes(database, runs, archive.file) : 0
  const keep = before || archive.written !== undefined ? Math.max(known, archive.written ?? 0) : undefined
  return withRowArchive(archive.file, keep, async file => {
    const begun = { ...run, place: { ...(run.place ?? NOWHERE), archive: placeOf(file) } }
    if (runs) await saveRun(database, runs, begun)
    try {
      return await sweep({ ...work, run: begun, archive: file })
    } finally {
      archive.written = file.bytes()
    }
  })
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
