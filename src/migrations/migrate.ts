import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { describeHolder, type LockWait, lockKey, lockTransaction, withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { withTransaction } from '../database/transaction.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type Applied, applyInside, applyMigration, type Run, readFile } from './apply.ts'
import type { Migration } from './folder.ts'
import type { HistoryShape } from './history.ts'
import { compare, type Inspection, inspect } from './inspect.ts'
import { createHistory, shapeOf } from './record.ts'
import { refuseDoubtfulHistory } from './refuse.ts'
import { upgradeHistory } from './upgrade.ts'

/** What a run did, and what it left. */
export interface Outcome {
  readonly applied: readonly Applied[]
  readonly pending: readonly string[]
  readonly alreadyApplied: number
}

export interface MigrateLimits {
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
  refuseDoubtfulHistory(seen, limits.allow)
  if (pendingOf(seen, limits).length === 0)
    return { applied: [], pending: [], alreadyApplied: countApplied(seen) }
  const apply = database.server.pooler === 'transaction' ? applyThroughPooler : applyUnderLock
  return apply({ context, database, project, limits, seen })
}

interface Work {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly limits: MigrateLimits
  readonly seen: Inspection
}

async function applyUnderLock(work: Work): Promise<Outcome> {
  const { context, database, project, limits } = work
  return withLock(database, keyOf(project), waitOf(context, limits), async () => {
    const now = await lookAgain(work)
    const todo = pendingOf(now, limits)
    if (todo.length === 0) return { applied: [], pending: [], alreadyApplied: countApplied(now) }
    const shape = await withTransaction(database, 'BEGIN', () => prepareHistory(work, now))
    const applied: Applied[] = []
    for (const migration of todo) {
      try {
        applied.push(await applyMigration(runOf(work, now, shape), readFile(migration)))
      } catch (error) {
        throw withProgress(error, applied, todo)
      }
    }
    return { applied, pending: [], alreadyApplied: countApplied(now) }
  })
}

/** Each file, its row, its lock and the look at the history in one transaction: all that a transaction pooler keeps together. */
async function applyThroughPooler(work: Work): Promise<Outcome> {
  const { context, database, project, limits, seen } = work
  const outside = pendingOf(seen, limits).find(migration => readFile(migration).script.mode !== 'file')
  if (outside) throw sessionNeeded(`${outside.name}, which cannot run in a transaction,`)
  const applied: Applied[] = []
  for (;;) {
    const next = await withTransaction(database, 'BEGIN', async () => {
      await lockTransaction(database, keyOf(project), waitOf(context, limits))
      const now = await lookAgain(work)
      const [migration] = pendingOf(now, limits)
      if (!migration) return undefined
      const shape = await prepareHistory(work, now)
      return applyInside(runOf(work, now, shape), readFile(migration))
    }).catch((error: unknown) => {
      throw withProgress(error, applied, pendingOf(seen, limits))
    })
    if (!next) return { applied, pending: [], alreadyApplied: countApplied(seen) }
    applied.push(next)
  }
}

/** What was found before the lock was had may have been mended or applied since. */
async function lookAgain({ database, project, limits, seen }: Work): Promise<Inspection> {
  const now = await compare(database, project, seen.folder)
  refuseDoubtfulHistory(now, limits.allow)
  return now
}

/** Makes the history table, or turns a 0.x one into 1.0's where the files are 1.0's. Gives the shape that it has then. */
async function prepareHistory(
  { database, project }: Work,
  { history, folder }: Inspection,
): Promise<HistoryShape> {
  if (history.shape === 'none') {
    await createHistory(database, project.migrationsTable, folder.layout, history.schemaExists)
    return shapeOf(folder.layout)
  }
  if (history.shape === '0.x' && folder.layout === 'folders') {
    await upgradeHistory(database, project.migrationsTable, history.rows, folder.migrations)
    return '1.0'
  }
  return history.shape
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
    newest: folder.migrations.at(-1)?.name ?? '',
    lockWait: limits.lockWait,
  }
}

function pendingOf({ judged }: Inspection, { allow }: MigrateLimits): Migration[] {
  return judged.flatMap(({ state, migration }) => {
    const runs = state.state === 'pending' || (state.state === 'late' && allow.includes('late'))
    return runs && migration ? [migration] : []
  })
}

function countApplied({ judged }: Inspection): number {
  return judged.filter(({ state }) => state.state === 'applied' || state.state === 'restamped').length
}

function keyOf({ migrationsTable }: Project) {
  return lockKey('migrate', migrationsTable.schema, migrationsTable.table)
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

/** A failed run's document says what was applied before it failed and what is left. */
function withProgress(error: unknown, applied: readonly Applied[], todo: readonly Migration[]): unknown {
  if (!(error instanceof OpsError)) return error
  return knowing(error, { applied, pending: todo.slice(applied.length).map(({ name }) => name) })
}
