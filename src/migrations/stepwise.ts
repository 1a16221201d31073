import { freshSession, timeouts } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { type MigrationScript, type Run, record, runStatement } from './apply.ts'
import { transactionOf } from './hooks.ts'
import { clearProgress, createProgressTable, type Progress, readProgress, saveProgress } from './progress.ts'
import { clearInvalidIndex, hadRunBefore } from './resume.ts'
import { retried } from './retry.ts'
import type { Statement } from './script.ts'

/**
 * Runs a file that cannot run in one transaction, statement by statement, and goes on where an earlier run
 * stopped. A statement that may run in a transaction commits together with the note that it has run; before one
 * that may not, it is noted that it was begun. A SET counts for every run anew.
 */
export async function applyStepwise(run: Run, file: MigrationScript): Promise<void> {
  const { context, database, project, lockWait, hooks } = run
  const { migrationsTable } = project
  const { name } = file.migration
  const { statements } = file.script
  await database.script(freshSession(database))
  const progress = await readProgress(database, migrationsTable, name, statements)
  await retried(context, database, lockWait, () => createProgressTable(database, migrationsTable))
  if (progress.done > 0) context.report.note(`Going on with ${name} after statement ${progress.done}`)
  if (progress.done === 0 && !progress.begun) await hooks.before?.(transactionOf(database), { name })
  for (const statement of statements) {
    if (statement.place === 'session') await runStatement(run, file, statement)
    else if (statement.number <= progress.done) continue
    else if (statement.place === 'outside') await runOutside(run, file, statement, progress)
    else await retried(context, database, lockWait, () => runInside(run, file, statement))
  }
  // the file has run, so its row must not fail for a lock, nor for a role that the file has taken
  await retried(context, database, lockWait, () =>
    withTransaction(database, `${freshSession(database)}; BEGIN`, async () => {
      await hooks.after?.(transactionOf(database), { name })
      await record(run, file)
      await clearProgress(database, migrationsTable, name)
    }),
  )
}

/** The statement and the note that it has run: both or neither. */
async function runInside(run: Run, file: MigrationScript, statement: Statement): Promise<void> {
  await withTransaction(run.database, 'BEGIN', async () => {
    await runStatement(run, file, statement)
    await note(run, file, statement.number, false)
  })
}

/** It waits for whole transactions by design, and being cancelled leaves an invalid index behind. */
async function runOutside(
  run: Run,
  file: MigrationScript,
  statement: Statement,
  earlier: Progress,
): Promise<void> {
  const { context, database } = run
  const again = earlier.begun && earlier.done === statement.number - 1
  await noteApart(run, file, statement.number - 1, true)
  if (!file.script.setsTimeouts) await database.script(timeouts({ statementTimeout: 0, lockTimeout: 0 }))
  if (!((await clearInvalidIndex(context, database, statement)) && again)) {
    await runStatement(run, file, statement).catch(error => {
      if (!(again && hadRunBefore(statement, error))) throw error
    })
  }
  if (!file.script.setsTimeouts) await database.script(timeouts(database.settings))
  await noteApart(run, file, statement.number, false)
}

async function noteApart(run: Run, file: MigrationScript, done: number, begun: boolean): Promise<void> {
  await withTransaction(run.database, 'BEGIN', () => note(run, file, done, begun))
}

/** As our own user, whatever role the file has taken: it has it again after the transaction. */
async function note(
  { database, project }: Run,
  file: MigrationScript,
  done: number,
  begun: boolean,
): Promise<void> {
  await database.script('SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL role TO DEFAULT')
  await saveProgress(database, project.migrationsTable, file, done, begun)
}
