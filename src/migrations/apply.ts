import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { sessionSql } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { serverError } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { migrationFailure } from './failure.ts'
import { readSql } from './fingerprint.ts'
import type { Layout, Migration } from './folder.ts'
import type { HistoryShape } from './history.ts'
import { recordMigration } from './record.ts'
import { readScript, type Script, type Statement } from './script.ts'

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

interface File {
  readonly migration: Migration
  readonly text: string
  readonly hash: string
  readonly script: Script
}

/** lock_not_available, deadlock_detected */
const WORTH_RETRYING = ['55P03', '40P01']
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000

/** Reads what is about to run. Throws OpsError `not-utf8` or `sql-file-missing`. */
export function readFile(migration: Migration): File {
  const { text, hash } = readSql(migration.file)
  return { migration, text, hash, script: readScript(text) }
}

/** Runs one migration and records it: both or neither, unless the file itself leaves the transaction. */
export async function applyMigration(run: Run, file: File): Promise<Applied> {
  return announced(run, file, async () => {
    const { mode } = file.script
    if (mode === 'none') await withoutTransaction(run, file)
    // a file that commits by itself begins as stock drizzle begins it, which sets no lock_timeout, and is never tried twice
    else if (mode === 'own')
      await withTransaction(run.database, `${freshSession(run)}; SET lock_timeout = 0; BEGIN`, () =>
        runAndRecord(run, file),
      )
    else
      await retried(run, () =>
        withTransaction(run.database, `${freshSession(run)}; BEGIN`, () => runAndRecord(run, file)),
      )
  })
}

/** The same within a transaction that the caller has opened and will commit. */
export async function applyInside(run: Run, file: File): Promise<Applied> {
  return announced(run, file, () => runAndRecord(run, file))
}

async function announced(run: Run, { migration, script }: File, work: () => Promise<void>): Promise<Applied> {
  const { report } = run.context
  report.note(`Applying ${migration.name}`)
  report.progress(`Applying ${migration.name}`)
  const started = performance.now()
  await work()
  return {
    name: migration.name,
    statements: script.statements.length,
    ms: performance.now() - started,
    transaction: script.mode === 'file' ? 'file' : 'none',
  }
}

async function runAndRecord(run: Run, file: File): Promise<void> {
  for (const statement of file.script.statements) {
    run.context.signal.throwIfAborted()
    await runStatement(run, file, statement)
  }
  await record(run, file)
}

async function withoutTransaction(run: Run, file: File): Promise<void> {
  for (const statement of file.script.statements) {
    run.context.signal.throwIfAborted()
    await run.database.script(freshSession(run))
    if (statement.patient) {
      // it waits for whole transactions by design, and being cancelled leaves an invalid index behind
      await run.database.script('SET lock_timeout = 0; SET statement_timeout = 0')
      await runStatement(run, file, statement)
    } else await retried(run, () => runStatement(run, file, statement))
  }
  await record(run, file)
}

async function runStatement(
  { database, withoutHistory, newest }: Run,
  { migration, text }: File,
  statement: Statement,
): Promise<void> {
  try {
    await database.script(statement.text)
  } catch (error) {
    throw migrationFailure(error, { file: migration.file, text, statement, withoutHistory, newest })
  }
}

async function record({ database, project, shape, layout }: Run, { migration, hash }: File): Promise<void> {
  await recordMigration(database, project.migrationsTable, shape, migration, hash, layout)
}

/** No SET of one file may reach the next; in a transaction pooler's session there is nothing of ours to reset. */
function freshSession({ database }: Run): string {
  const { settings, server } = database
  return `RESET SESSION AUTHORIZATION; RESET ALL; ${sessionSql(settings, server.versionNumber)}`
}

/** Short waits and many tries: whoever waits in line for a lock stops everyone behind (3.9 s against 0.2 s, measured). */
async function retried(run: Run, work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + run.lockWait
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      await work()
      return
    } catch (error) {
      const jittered = pause * (0.5 + Math.random())
      if (!WORTH_RETRYING.includes(sqlState(error) ?? '') || performance.now() + jittered > deadline)
        throw error
      run.context.report.progress('Waiting for a lock')
      await sleep(jittered, undefined, { signal: run.context.signal })
    }
  }
}

function sqlState(error: unknown): string | undefined {
  return serverError(error)?.code
}
