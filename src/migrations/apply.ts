import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { beginUnderLock, confirmLock, type LockKey } from '../database/lock.ts'
import { freshSession, RESET_SESSION } from '../database/settings.ts'
import { withPipeline, withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { editRow, insertOf } from './change.ts'
import { commitFailure, migrationFailure } from './failure.ts'
import { readSql } from './fingerprint.ts'
import type { Layout, Migration } from './folder.ts'
import { denied, type HistoryShape } from './history.ts'
import { type Hooks, transactionOf } from './hooks.ts'
import { retried } from './retry.ts'
import { readScript, type Script, type ScriptMode, type Statement } from './script.ts'
import { applyStepwise } from './stepwise.ts'

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
  readonly hooks: Hooks
  /** The runner's lock, which every file makes sure of. */
  readonly lock: LockKey
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

/** Reads what is about to run. Throws OpsError `not-utf8`, `sql-file-missing` or `copy-from-stdin`. */
export function readMigrationScript(migration: Migration): MigrationScript {
  const { text, hash } = readSql(migration.file)
  const script = readScript(text)
  if (script.readsClient) throw copyFromStdin(migration.file)
  return { migration, text, hash, script }
}

function copyFromStdin(file: string): OpsError {
  return new OpsError({
    code: 'copy-from-stdin',
    message: `${file} holds a COPY … FROM STDIN, whose data only psql can send.`,
    hint: 'Write INSERTs (pg_dump --inserts does), or COPY … FROM a file of the server.',
    exit: 2,
    where: { file },
  })
}

/** Runs one migration and records it: both or neither, unless the file itself leaves the transaction. */
export async function applyMigration(run: Run, file: MigrationScript): Promise<Applied> {
  announce(run.context, file)
  return timed(run, file, file.script.mode === 'file' ? 'file' : 'none', () =>
    MODES[file.script.mode](run, file),
  )
}

/** The same within a transaction that the caller has opened and will commit; a SET in it would go on to what follows. */
export async function applyInside(
  run: Run,
  file: MigrationScript,
  transaction: Applied['transaction'],
): Promise<Applied> {
  return timed(run, file, transaction, async () => {
    await runAndRecord(run, file)
    await run.database.script(RESET_SESSION)
  })
}

export function announce({ report, event }: Context, { migration: { name } }: MigrationScript): void {
  report.note(`Applying ${name}`)
  report.progress(`Applying ${name}`)
  event({ event: 'started', name })
}

async function timed(
  { context }: Run,
  { migration: { name }, script }: MigrationScript,
  transaction: Applied['transaction'],
  work: () => Promise<void>,
): Promise<Applied> {
  const started = performance.now()
  await work()
  const applied = { name, statements: script.statements.length, ms: performance.now() - started, transaction }
  context.event({ event: 'finished', ...applied })
  return applied
}

/** No SET of one file may reach the next: each begins with a session as new. */
const MODES: Record<ScriptMode, (run: Run, file: MigrationScript) => Promise<void>> = {
  file: (run, file) => retried(run.context, run.database, run.lockWait, () => inOneTransaction(run, file)),
  // begins as stock drizzle begins it, which sets no lock_timeout, and is never tried twice
  own: async (run, file) => {
    await confirmLock(run.database, run.lock)
    await withTransaction(run.database, `${freshSession(run.database)}; SET lock_timeout = 0; BEGIN`, () =>
      runAndRecord(run, file),
    )
  },
  none: async (run, file) => {
    await confirmLock(run.database, run.lock)
    await applyStepwise(run, file)
  },
}

/** One round trip for BEGIN and one for all the rest; hooks want their answers in between. */
async function inOneTransaction(run: Run, file: MigrationScript): Promise<void> {
  const { database, hooks, lock } = run
  const begin = `${freshSession(database)}; BEGIN`
  const whole =
    hooks.before || hooks.after || file.script.copies
      ? withTransaction(database, begin, async () => {
          await confirmLock(database, lock)
          await runAndRecord(run, file)
        })
      : withPipeline(
          database,
          () => beginUnderLock(database, lock, begin),
          () => {
            run.context.signal.throwIfAborted()
            return [
              ...file.script.statements.map(statement => runStatement(run, file, statement)),
              record(run, file),
            ]
          },
        )
  await whole.catch(error => {
    throw commitFailure(error, file.migration.file)
  })
}

async function runAndRecord(run: Run, file: MigrationScript): Promise<void> {
  const { database, hooks } = run
  const { name } = file.migration
  await hooks.before?.(transactionOf(database), { name })
  for (const statement of file.script.statements) await runStatement(run, file, statement)
  await hooks.after?.(transactionOf(database), { name })
  await record(run, file)
}

/** Sends one statement. Throws its failure with its place in the file. */
export async function runStatement(
  { context, database, withoutHistory, newest }: Run,
  { migration, text, script }: MigrationScript,
  statement: Statement,
): Promise<void> {
  context.signal.throwIfAborted()
  const started = performance.now()
  try {
    await database.script(statement.text)
  } catch (error) {
    const { name, file } = migration
    throw migrationFailure(error, { name, file, text, mode: script.mode, statement, withoutHistory, newest })
  }
  context.event({
    event: 'statement',
    name: migration.name,
    n: statement.number,
    ms: performance.now() - started,
  })
}

/** Writes the row that drizzle would write. */
export async function record(
  { database, project, shape, layout }: Run,
  { migration, hash }: MigrationScript,
): Promise<void> {
  const { migrationsTable } = project
  try {
    await editRow(database, migrationsTable, insertOf(migration, hash, shape, layout))
  } catch (error) {
    throw denied(error, database, migrationsTable, 'write')
  }
}
