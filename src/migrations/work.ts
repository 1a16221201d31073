import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { describeHolder, type LockWait } from '../database/lock.ts'
import type { Project } from '../project/project.ts'
import type { Applied, Run } from './apply.ts'
import type { Migration } from './folder.ts'
import type { HistoryShape } from './history.ts'
import { compare, type Inspection } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { pendingOf } from './pending.ts'
import { refuseDoubtfulHistory } from './refuse.ts'

/** What a run did, and what it left. */
export interface Outcome {
  readonly applied: readonly Applied[]
  readonly pending: readonly string[]
  readonly alreadyApplied: number
  /** The newest applied migration by now. */
  readonly current: string | null
}

export interface MigrateLimits {
  /** One transaction for each file, or one for all. */
  readonly transaction: 'file' | 'all'
  /** The last migration to run, by name. */
  readonly to?: string | undefined
  /** Risks granted by name: `late`. */
  readonly allow: readonly string[]
  /** Whether dangerous statements stop the run before it begins. */
  readonly lint: boolean
  /** Milliseconds for the runner's lock, and again for each file that meets a lock. */
  readonly lockWait: number
}

/** What a failed run's document tells too. */
export interface Progress {
  readonly applied: Applied[]
  pending: readonly Migration[]
}

/** One run of `migrate`, and how far it has come. */
export interface Work {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly limits: MigrateLimits
  readonly seen: Inspection
  readonly progress: Progress
}

/**
 * What was found before the lock was had may have been mended or applied since. What was pending when the run
 * began is not late because of it: a journal may be out of order, and another run have died half-way.
 */
export async function lookAgain({ database, project, limits, seen, progress }: Work): Promise<Inspection> {
  const { judged, ...rest } = await compare(database, project, seen.folder)
  const begun = new Set(pendingOf(seen, limits))
  const now: Inspection = {
    ...rest,
    judged: judged.map(each =>
      each.state.state === 'late' && each.migration && begun.has(each.migration)
        ? { ...each, state: { ...each.state, state: 'pending' } }
        : each,
    ),
  }
  refuseDoubtfulHistory(now, limits.allow)
  progress.pending = pendingOf(now, limits)
  return now
}

/** What each file of the run needs to know. */
export function runOf(
  { context, database, project, limits }: Work,
  { folder, history }: Inspection,
  shape: HistoryShape,
): Run {
  return {
    context,
    database,
    project,
    shape,
    layout: folder.layout,
    withoutHistory: history.rows.length === 0,
    hooks: project.ops.migrate ?? {},
    lock: migrationLock(project),
    newest: folder.migrations.at(-1)?.name ?? '',
    lockWait: limits.lockWait,
  }
}

/** What this run did, beside what had been applied when it last looked. */
export function outcome({ progress }: Work, { judged }: Inspection): Outcome {
  const own = new Set(progress.applied.map(({ name }) => name))
  const others = judged.filter(
    ({ state: { state, name } }) => (state === 'applied' || state === 'restamped') && !own.has(name),
  )
  const left = judged.filter(({ state: { state, name } }) => state === 'pending' && !own.has(name))
  return {
    applied: progress.applied,
    pending: left.map(({ state }) => state.name),
    alreadyApplied: others.length,
    current: progress.applied.at(-1)?.name ?? others.at(-1)?.state.name ?? null,
  }
}

export function waitOf(context: Context, { lockWait }: Pick<MigrateLimits, 'lockWait'>): LockWait {
  return {
    limit: lockWait,
    signal: context.signal,
    waiting: holders => {
      context.report.note(`Waiting for another run: ${holders.map(describeHolder).join(', ')}`)
      context.report.progress('Waiting for another run')
    },
  }
}
