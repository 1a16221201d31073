import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { describeHolder, type LockWait, withLock, withLockedTransaction } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { freshSession, settingsWithin } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { knowing, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Project } from '../project/project.ts'
import {
  type Applied,
  announce,
  applyInside,
  applyMigration,
  type MigrationScript,
  type Run,
  readMigrationScript,
} from './apply.ts'
import type { Migration } from './folder.ts'
import type { HistoryShape } from './history.ts'
import { compare, type Inspection, inspect } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { prepareHistory } from './prepare.ts'
import { refuseDoubtfulHistory, unknownMigration } from './refuse.ts'
import { retried } from './retry.ts'

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
  /** Milliseconds for the runner's lock, and again for each file that meets a lock. */
  readonly lockWait: number
}

/**
 * Applies what is pending. Where nothing is, it takes no lock, creates nothing and writes nothing.
 * Throws OpsError: `history` (refused), `lock-held` (exit 5), or a statement's failure, whose document
 * names what was applied before it.
 */
export async function migrateDatabase(
  context: Context,
  database: Database,
  project: Project,
  limits: MigrateLimits,
): Promise<Outcome> {
  const seen = await inspect(database, project)
  const progress: Progress = { applied: [], pending: pendingOf(seen, limits) }
  const work: Work = { context, database, project, limits, seen, progress }
  try {
    refuseDoubtfulHistory(seen, limits.allow)
    context.event({ event: 'planned', pending: progress.pending.map(({ name }) => name) })
    if (progress.pending.length === 0) return outcome(work, seen)
    if (database.server.pooler === 'transaction' && limits.transaction === 'all')
      throw sessionNeeded('--tx all')
    return await (database.server.pooler === 'transaction' ? applyThroughPooler(work) : applyUnderLock(work))
  } catch (error) {
    throw withProgress(error, progress)
  }
}

/** What a failed run's document tells too. */
interface Progress {
  readonly applied: Applied[]
  pending: readonly Migration[]
}

interface Work {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly limits: MigrateLimits
  readonly seen: Inspection
  readonly progress: Progress
}

async function applyUnderLock(work: Work): Promise<Outcome> {
  const { context, database, project, limits, progress } = work
  const key = migrationLock(project)
  return withLock(database, key, waitOf(context, limits), async () => {
    const now = await lookAgain(work)
    if (progress.pending.length === 0) return outcome(work, now)
    // all of them before the first runs: a file that cannot be read means that nothing is attempted
    const files = progress.pending.map(readMigrationScript)
    const shape = await retried(context, database, limits.lockWait, () =>
      withTransaction(database, 'BEGIN', () => prepareHistory(database, project, now)),
    )
    const run = runOf(work, now, shape)
    if (limits.transaction === 'all') await applyTogether(work, run, files)
    else await applyInTurn(work, run, files)
    return outcome(work, now)
  })
}

async function applyInTurn({ progress }: Work, run: Run, files: readonly MigrationScript[]): Promise<void> {
  for (const file of files) {
    progress.applied.push(await applyMigration(run, file))
    progress.pending = progress.pending.slice(1)
  }
}

/** Everything or nothing, as stock drizzle does it. */
async function applyTogether(
  { context, database, limits, progress }: Work,
  run: Run,
  files: readonly MigrationScript[],
): Promise<void> {
  const outside = files.find(({ script }) => script.mode !== 'file')
  if (outside) throw cannotBeTogether(outside.migration.name)
  const applied = await retried(context, database, limits.lockWait, () =>
    withTransaction(database, 'BEGIN', async () => {
      const done: Applied[] = []
      for (const file of files) {
        announce(context, file)
        await database.script(freshSession(database))
        done.push(await applyInside(run, file, 'all'))
      }
      return done
    }),
  )
  progress.applied.push(...applied)
  progress.pending = progress.pending.slice(files.length)
}

function cannotBeTogether(name: string): OpsError {
  return new OpsError({
    code: 'tx-all',
    message: `${name} cannot run in a transaction, so it cannot be part of one for all.`,
    hint: `Apply what stands before it with --to, then leave --tx all out.`,
    exit: 2,
  })
}

/** Each file, its row, its lock and the look at the history in one transaction: all that a transaction pooler keeps together. */
async function applyThroughPooler(work: Work): Promise<Outcome> {
  const { context, database, project, limits, progress } = work
  progress.pending.forEach(readForPooler)
  const wait = waitOf(context, limits)
  const settings = `SET LOCAL application_name = 'drizzle-ops migrate'; ${settingsWithin(database)}`
  for (;;) {
    const next = await retried(context, database, limits.lockWait, () =>
      withLockedTransaction(database, settings, migrationLock(project), wait, () => applyNext(work)),
    )
    if ('inspection' in next) return outcome(work, next.inspection)
    progress.applied.push(next)
  }
}

/** The first that is pending by now, or how it looks where none is. */
async function applyNext(work: Work): Promise<Applied | { readonly inspection: Inspection }> {
  const { context, database, project, progress } = work
  const now = await lookAgain(work)
  const [migration] = progress.pending
  if (!migration) return { inspection: now }
  const file = readForPooler(migration)
  announce(context, file)
  const shape = await prepareHistory(database, project, now)
  return applyInside(runOf(work, now, shape), file, 'file')
}

function readForPooler(migration: Migration): MigrationScript {
  const file = readMigrationScript(migration)
  if (file.script.mode === 'file') return file
  throw sessionNeeded(`${migration.name}, which cannot run in a transaction,`)
}

/**
 * What was found before the lock was had may have been mended or applied since. What was pending when the run
 * began is not late because of it: a journal may be out of order, and another run have died half-way.
 */
async function lookAgain({ database, project, limits, seen, progress }: Work): Promise<Inspection> {
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

function runOf(
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

/** What this run is to apply, in order. Throws OpsError `migration-unknown` for a `to` that no file bears. */
function pendingOf({ judged }: Inspection, { allow, to }: MigrateLimits): Migration[] {
  const last = to === undefined ? judged.length - 1 : judged.findIndex(({ state }) => state.name === to)
  if (last < 0 && to !== undefined) throw unknownMigration(to, judged)
  return judged.slice(0, last + 1).flatMap(({ state, migration }) => {
    const runs = state.state === 'pending' || (state.state === 'late' && allow.includes('late'))
    return runs && migration ? [migration] : []
  })
}

/** What this run did, beside what had been applied when it last looked. */
function outcome({ progress }: Work, { judged }: Inspection): Outcome {
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

function waitOf(context: Context, { lockWait }: MigrateLimits): LockWait {
  return {
    limit: lockWait,
    signal: context.signal,
    waiting: holders => {
      context.report.note(`Waiting for another run: ${holders.map(describeHolder).join(', ')}`)
      context.report.progress('Waiting for another run')
    },
  }
}

function withProgress(error: unknown, { applied, pending }: Progress): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError)) return explained
  return knowing(explained, { applied, pending: pending.map(({ name }) => name) })
}
