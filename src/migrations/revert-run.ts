import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { freshSession, timeouts } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { altered, OpsError } from '../errors.ts'
import { explain, serverError } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { sentence } from '../sentence.ts'
import { editRow } from './change.ts'
import { commitFailure, migrationFailure } from './failure.ts'
import { retried } from './retry.ts'
import type { RevertStep } from './revert-plan.ts'
import type { ScriptMode, Statement } from './script.ts'

/** What the steps of one run have in common. */
export interface RevertRun {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly lockWait: number
}

/** Runs one way back and removes its row: both or neither, unless a down file leaves the transaction. */
export async function runStep(run: RevertRun, step: RevertStep): Promise<void> {
  const { report } = run.context
  report.note(`Reverting ${step.migration.name}`)
  report.progress(`Reverting ${step.migration.name}`)
  await MODES[step.script.mode](run, step).catch(error => {
    throw step.file === undefined ? error : commitFailure(error, step.file)
  })
}

const MODES: Record<ScriptMode, (run: RevertRun, step: RevertStep) => Promise<void>> = {
  file: (run, step) =>
    retried(run.context, run.database, run.lockWait, () => inTransaction(run, step, 'BEGIN')),
  own: (run, step) => inTransaction(run, step, 'SET lock_timeout = 0; BEGIN'),
  none: withoutTransaction,
}

async function inTransaction(run: RevertRun, step: RevertStep, begin: string): Promise<void> {
  await withTransaction(run.database, `${freshSession(run.database)}; ${begin}`, async () => {
    for (const statement of step.script.statements) await runStatement(run, step, statement)
    await forget(run, step)
  })
}

async function withoutTransaction(run: RevertRun, step: RevertStep): Promise<void> {
  const { context, database, lockWait } = run
  await database.script(freshSession(database))
  for (const statement of step.script.statements) {
    if (statement.place === 'outside') await runPatiently(run, step, statement)
    else await retried(context, database, lockWait, () => runStatement(run, step, statement))
  }
  await retried(context, database, lockWait, async () => {
    await database.script(freshSession(database))
    await forget(run, step)
  })
}

/** It waits for whole transactions by design. */
async function runPatiently(run: RevertRun, step: RevertStep, statement: Statement): Promise<void> {
  const { database } = run
  if (!step.script.setsTimeouts) await database.script(timeouts({ statementTimeout: 0, lockTimeout: 0 }))
  await runStatement(run, step, statement)
  if (!step.script.setsTimeouts) await database.script(timeouts(database.settings))
}

async function runStatement(
  { context, database }: RevertRun,
  step: RevertStep,
  statement: Statement,
): Promise<void> {
  context.signal.throwIfAborted()
  try {
    await database.script(statement.text)
  } catch (error) {
    throw revertFailure(error, step, statement)
  }
}

/** Its row goes in the same transaction. */
async function forget({ database, project }: RevertRun, { row }: RevertStep): Promise<void> {
  await editRow(database, project.migrationsTable, { kind: 'delete', id: row.id })
}

function revertFailure(
  error: unknown,
  { migration, file, text, script }: RevertStep,
  statement: Statement,
): unknown {
  const explained = explain(error)
  const fromServer = serverError(error)
  if (!fromServer || !(explained instanceof OpsError) || explained.exit === 3) return explained
  const code = explained.code === 'sql-error' ? 'rollback-failed' : explained.code
  const hint = fromServer.hint ?? (explained.code === 'sql-error' ? hintOf(file) : explained.hint)
  if (file !== undefined) {
    const { mode } = script
    const told = migrationFailure(error, { file, text, mode, statement, withoutHistory: false, newest: '' })
    return told instanceof OpsError ? altered(told, { code, hint }) : told
  }
  const said = fromServer.detail ? `${fromServer.message} (${fromServer.detail})` : fromServer.message
  return altered(explained, {
    code,
    message: `${migration.name}, derived statement ${statement.number}: ${sentence(said)}\n${statement.text.trim()}`,
    hint,
  })
}

function hintOf(file: string | undefined): string {
  return file === undefined
    ? 'This migration was not reverted. Bring the database in line, or write the way back into a down file.'
    : 'Correct the down file and run drizzle-ops rollback again.'
}
