import { deferredConstraints } from '../catalog/deferred-constraints.ts'
import { blockersOfLock } from '../catalog/locks.ts'
import type { Oid } from '../catalog/relations.ts'
import { sequencePositions } from '../catalog/sequences.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { freshSession } from '../database/settings.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { Analysis } from '../sql/analyse.ts'
import { unlessLocked } from '../sql/facts.ts'
import { type MigrationScript, readMigrationScript } from './apply.ts'
import { commitFailure, migrationFailure } from './failure.ts'
import { type Inspection, inspect } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { countApplied, pendingOf } from './pending.ts'
import type { PlanLimits } from './plan.ts'
import { type PlannedFile, type PlannedStatement, planScripts } from './plan-statements.ts'
import { refuseDoubtfulHistory } from './refuse.ts'
import { findEnd, needsCommit, type RehearsalEnd } from './rehearse-limits.ts'
import { type Gauge, measure, startGauge, usedSequences } from './rehearse-measure.ts'
import { type Watch, watchBlocked } from './rehearse-watch.ts'
import type { Statement } from './script.ts'
import { waitOf } from './work.ts'

export interface RehearseLimits extends PlanLimits {
  /** Milliseconds for the runner's lock. */
  readonly lockWait: number
}

export interface Rehearsal {
  readonly files: readonly RehearsedFile[]
  /** From which file on nothing could be rehearsed, and why; null where all were. */
  readonly end: RehearsalEnd | null
  /** Sequences draw their numbers outside transactions: these have moved. */
  readonly sequences: readonly MovedSequence[]
  readonly alreadyApplied: number
}

/** Where it was not rehearsed, it is the plan's. */
export interface RehearsedFile extends PlannedFile {
  readonly rehearsed: boolean
  readonly statements: readonly RehearsedStatement[]
}

export interface RehearsedStatement extends PlannedStatement {
  readonly ms?: number
  readonly rowsTouched?: number
}

export interface MovedSequence {
  readonly sequence: string
  readonly from: string | null
  readonly to: string | null
}

/**
 * Runs what is pending in one transaction, measures each statement from a second session, and rolls all of it
 * back. Only sequences stay where they were moved to. The project's hooks do not run.
 * Throws OpsError: `history`, `lock-held` (exit 5), `rehearsal-blocks` (exit 5), or a statement's failure, whose
 * document holds the plan as far as it was measured.
 */
export async function rehearseMigrations(
  context: Context,
  database: Database,
  project: Project,
  limits: RehearseLimits,
): Promise<Rehearsal> {
  if (database.server.pooler === 'transaction') throw sessionNeeded('A rehearsal')
  const work = { context, database, project, limits }
  const seen = await look(work)
  if (pendingOf(seen, limits).length === 0)
    return { files: [], end: null, sequences: [], alreadyApplied: countApplied(seen) }
  return withLock(database, migrationLock(project), waitOf(context, limits), async () => {
    const now = await look(work)
    const scripts = pendingOf(now, limits).map(readMigrationScript)
    const { files, analyses } = await planScripts(
      database,
      project.migrationsTable,
      scripts,
      limits.transaction,
    )
    const planned = { ...work, now, scripts, files, analyses }
    return database.beside(watcher => rehearseBeside(planned, watcher))
  })
}

interface Work {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly limits: RehearseLimits
}

interface Planned extends Work {
  readonly now: Inspection
  readonly scripts: readonly MigrationScript[]
  readonly files: readonly PlannedFile[]
  readonly analyses: readonly (readonly Analysis[])[]
}

/** The rehearsal under way. */
interface Stage extends Planned {
  readonly gauge: Gauge
  readonly watch: Watch
  readonly done: RehearsedFile[]
}

async function look({ database, project, limits }: Work): Promise<Inspection> {
  const seen = await inspect(database, project)
  refuseDoubtfulHistory(seen, limits.allow)
  return seen
}

async function rehearseBeside(planned: Planned, watcher: Database): Promise<Rehearsal> {
  const { database, project, now, scripts, analyses } = planned
  await confirmSight(watcher, database, project)
  const before =
    (await unlessLocked(watcher, () => sequencePositions(watcher))) ?? new Map<Oid, string | null>()
  const watch = watchBlocked(watcher, database.server.pid)
  const done: RehearsedFile[] = []
  let gauge: Gauge | undefined
  let end = findEnd(scripts, analyses)
  try {
    await database.script('BEGIN')
    gauge = await startGauge(database, watcher, project.migrationsTable)
    end = (await rehearseFiles({ ...planned, gauge, watch, done }, end)) ?? end
  } catch (error) {
    throw error instanceof OpsError ? knowing(error, { plan: withPlan(planned, done) }) : error
  } finally {
    const isBack = await rollBack(database)
    await watch.stop()
    // a cancel that came late may have hit the ROLLBACK
    if (!isBack) await rollBack(database)
  }
  const sequences = await movedSequences(watcher, gauge, before)
  return { files: withPlan(planned, done), end, sequences, alreadyApplied: countApplied(now) }
}

/** Where the connection itself has failed, the server rolls back. */
async function rollBack(database: Database): Promise<boolean> {
  return database.script('ROLLBACK').then(
    () => true,
    () => false,
  )
}

/** A second session that lands on another server would see nothing, and so warn of nothing. */
async function confirmSight(watcher: Database, { server }: Database, project: Project): Promise<void> {
  const holders = await blockersOfLock(watcher, migrationLock(project))
  if (!holders.some(({ pid }) => pid === server.pid))
    throw sessionNeeded('A rehearsal, which watches itself,')
}

/** Runs the files up to the end, and gives an earlier end where one is met. */
async function rehearseFiles(stage: Stage, end: RehearsalEnd | null): Promise<RehearsalEnd | undefined> {
  for (const [index, script] of stage.scripts.entries()) {
    if (script.migration.name === end?.from) return undefined
    try {
      await rehearseFile(stage, script, index)
    } catch (error) {
      stage.watch.confirm()
      const met = needsCommit(error, script, stage.analyses[index] ?? [], index === 0)
      if (met) return met
      throw error
    }
  }
  return undefined
}

const SAVEPOINT = 'drizzle_ops_rehearsal'

async function rehearseFile(stage: Stage, script: MigrationScript, index: number): Promise<void> {
  const { context, database, files, done } = stage
  const file = files[index]
  if (!file) return
  context.report.note(`Rehearsing ${file.name}`)
  context.report.progress(`Rehearsing ${file.name}`)
  await database.script(`${freshSession(database)}; SAVEPOINT ${SAVEPOINT}`)
  const statements: RehearsedStatement[] = []
  for (const [position, statement] of script.script.statements.entries()) {
    const planned = file.statements[position]
    if (planned)
      statements.push(
        await rehearseStatement(stage, script, statement, planned, stage.analyses[index]?.[position]),
      )
  }
  await settle(stage, script)
  await database.script(`RELEASE SAVEPOINT ${SAVEPOINT}`)
  done.push({ ...file, statements, rehearsed: true })
}

async function rehearseStatement(
  { context, database, now, gauge, watch }: Stage,
  { migration, text, script }: MigrationScript,
  statement: Statement,
  planned: PlannedStatement,
  analysis: Analysis | undefined,
): Promise<RehearsedStatement> {
  context.signal.throwIfAborted()
  watch.confirm()
  const started = performance.now()
  try {
    await database.script(statement.text)
  } catch (error) {
    throw migrationFailure(error, {
      name: migration.name,
      file: migration.file,
      text,
      mode: script.mode,
      statement,
      withoutHistory: now.history.rows.length === 0,
      newest: now.folder.migrations.at(-1)?.name ?? '',
    })
  }
  const ms = performance.now() - started
  watch.confirm()
  return { ...planned, ...(await measure(gauge, planned, analysis?.effects.truncates ?? [])), ms }
}

/** Checks what would be checked at the file's COMMIT, and lets the next file begin as the first did. */
async function settle({ database }: Stage, { migration }: MigrationScript): Promise<void> {
  try {
    await database.script('SET CONSTRAINTS ALL IMMEDIATE')
  } catch (error) {
    throw commitFailure(error, migration.file)
  }
  const deferred = await deferredConstraints(database)
  if (deferred.length > 0) await database.script(`SET CONSTRAINTS ${deferred.join(', ')} DEFERRED`)
}

/** What was rehearsed, and the plan of the rest. */
function withPlan({ files }: Planned, done: readonly RehearsedFile[]): RehearsedFile[] {
  return files.map((file, index) => done[index] ?? { ...file, rehearsed: false })
}

async function movedSequences(
  watcher: Database,
  gauge: Gauge,
  before: ReadonlyMap<Oid, string | null>,
): Promise<MovedSequence[]> {
  const used = usedSequences(gauge).filter(({ oid }) => before.has(oid))
  if (used.length === 0) return []
  const after = (await unlessLocked(watcher, () => sequencePositions(watcher))) ?? before
  return used
    .map(({ oid, sequence }) => ({ sequence, from: before.get(oid) ?? null, to: after.get(oid) ?? null }))
    .filter(({ from, to }) => from !== to)
    .toSorted((a, b) => a.sequence.localeCompare(b.sequence))
}
