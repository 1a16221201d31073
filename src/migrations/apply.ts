import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { freshSession, RESET_SESSION, timeouts } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import type { Project } from '../project/project.ts'
import { migrationFailure } from './failure.ts'
import { readSql } from './fingerprint.ts'
import type { Layout, Migration } from './folder.ts'
import type { HistoryShape } from './history.ts'
import { recordMigration } from './record.ts'
import { retried } from './retry.ts'
import { readScript, type Script, type ScriptMode, type Statement } from './script.ts'

/** One migration that has run and is recorded. */
export interface Applied {
  readonly name: string
  readonly statements: number
  readonly ms: number
  /** The transaction that it ran in: its own, one with others, or none. */
  readonly transaction: 'file' | 'all' | 'none'
}

/** What the files of one run have in common. */
export interface Run {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly layout: Layout
  readonly shape: HistoryShape
  /** Whether drizzle had recorded nothing before this run. */
  readonly withoutHistory: boolean
  readonly newest: string
  /** Milliseconds for which a file that meets a lock is tried again. */
  readonly lockWait: number
}

/** A migration that has been read and is ready to run. */
export interface MigrationScript {
  readonly migration: Migration
  readonly text: string
  readonly hash: string
  readonly script: Script
}

/** Reads what is about to run. Throws OpsError `not-utf8` or `sql-file-missing`. */
export function readMigrationScript(migration: Migration): MigrationScript {
  const { text, hash } = readSql(migration.file)
  return { migration, text, hash, script: readScript(text) }
}

/** Runs one migration and records it: both or neither, unless the file itself leaves the transaction. */
export async function applyMigration(run: Run, file: MigrationScript): Promise<Applied> {
  announce(run.context, file)
  return timed(file, () => MODES[file.script.mode](run, file))
}

/** The same within a transaction that the caller has opened and will commit; a SET in it would go on to strangers. */
export async function applyInside(run: Run, file: MigrationScript): Promise<Applied> {
  return timed(file, async () => {
    await runAndRecord(run, file)
    await run.database.script(RESET_SESSION)
  })
}

export function announce({ report }: Context, { migration }: MigrationScript): void {
  report.note(`Applying ${migration.name}`)
  report.progress(`Applying ${migration.name}`)
}

async function timed({ migration, script }: MigrationScript, work: () => Promise<void>): Promise<Applied> {
  const started = performance.now()
  await work()
  return {
    name: migration.name,
    statements: script.statements.length,
    ms: performance.now() - started,
    transaction: script.mode === 'file' ? 'file' : 'none',
  }
}

/** No SET of one file may reach the next: each begins with a session as new. */
const MODES: Record<ScriptMode, (run: Run, file: MigrationScript) => Promise<void>> = {
  file: (run, file) =>
    retried(run.context, run.lockWait, () =>
      withTransaction(run.database, `${freshSession(run.database)}; BEGIN`, () => runAndRecord(run, file)),
    ),
  // begins as stock drizzle begins it, which sets no lock_timeout, and is never tried twice
  own: (run, file) =>
    withTransaction(run.database, `${freshSession(run.database)}; SET lock_timeout = 0; BEGIN`, () =>
      runAndRecord(run, file),
    ),
  none: withoutTransaction,
}

async function runAndRecord(run: Run, file: MigrationScript): Promise<void> {
  for (const statement of file.script.statements) await runStatement(run, file, statement)
  await record(run, file)
}

async function withoutTransaction(run: Run, file: MigrationScript): Promise<void> {
  const { context, database, lockWait } = run
  await database.script(freshSession(database))
  for (const statement of file.script.statements) {
    if (statement.patient) await runPatiently(run, file, statement)
    else await retried(context, lockWait, () => runStatement(run, file, statement))
  }
  // the file has run, so its row must not fail for a lock, nor for a role that the file has taken
  await retried(context, lockWait, async () => {
    await database.script(freshSession(database))
    await record(run, file)
  })
}

/** It waits for whole transactions by design, and being cancelled leaves an invalid index behind. */
async function runPatiently(run: Run, file: MigrationScript, statement: Statement): Promise<void> {
  if (file.script.setsTimeouts) return runStatement(run, file, statement)
  await run.database.script(timeouts({ statementTimeout: 0, lockTimeout: 0 }))
  await runStatement(run, file, statement)
  await run.database.script(timeouts(run.database.settings))
}

async function runStatement(
  { context, database, withoutHistory, newest }: Run,
  { migration, text, script }: MigrationScript,
  statement: Statement,
): Promise<void> {
  context.signal.throwIfAborted()
  try {
    await database.script(statement.text)
  } catch (error) {
    const { file } = migration
    throw migrationFailure(error, { file, text, mode: script.mode, statement, withoutHistory, newest })
  }
}

async function record(
  { database, project, shape, layout }: Run,
  { migration, hash }: MigrationScript,
): Promise<void> {
  await recordMigration(database, project.migrationsTable, shape, migration, hash, layout)
}
