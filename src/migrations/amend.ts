import type { Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { type Change, describeEdit, editRow } from './change.ts'
import { type Inspection, inspect } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { prepareHistory } from './prepare.ts'
import { changeJournal } from './restamp.ts'

/** A change as the document shows it. */
export interface ShownChange {
  readonly action: Change['action']
  readonly name: string
  readonly sql: string
}

export interface Amendment {
  readonly dryRun: boolean
  /** Milliseconds. */
  readonly lockWait: number
  /** What to change, by what files and history look like. Throws OpsError where it must not be done. */
  plan(inspection: Inspection): Promise<Change[]> | Change[]
}

/**
 * Changes the history, and only the history: what it will do is shown and agreed to first, then planned anew
 * under the runner's lock and done in one transaction. The journal on disk comes last.
 */
export async function amendHistory(
  context: Context,
  database: Database,
  project: Project,
  amendment: Amendment,
): Promise<ShownChange[]> {
  const shown = await planned(database, project, amendment)
  if (amendment.dryRun || shown.length === 0) return shown
  if (database.server.pooler === 'transaction') throw sessionNeeded('Changing the history')
  for (const { sql } of shown) context.report.note(sql)
  const rows =
    shown.length === 1
      ? 'This changes the history as shown.'
      : `These ${shown.length} statements change the history.`
  await askConsentOn(context, project.ops, database.identity, rows)
  const wait = {
    limit: amendment.lockWait,
    signal: context.signal,
    waiting: () => context.report.note('Waiting for another run'),
  }
  await withLock(database, migrationLock(project), wait, async () => {
    const inspection = await inspect(database, project)
    const changes = await amendment.plan(inspection)
    if (JSON.stringify(changes.map(change => show(change, project))) !== JSON.stringify(shown))
      throw changedMeanwhile()
    await withTransaction(database, 'BEGIN', async () => {
      if (changes.some(({ edit }) => edit.kind === 'insert'))
        await prepareHistory(database, project, inspection)
      for (const { edit } of changes)
        if (edit.kind !== 'journal') await editRow(database, project.migrationsTable, edit)
    })
    for (const { edit } of changes) if (edit.kind === 'journal') changeJournal(edit)
  })
  return shown
}

async function planned(database: Database, project: Project, { plan }: Amendment): Promise<ShownChange[]> {
  const changes = await plan(await inspect(database, project))
  return changes.map(change => show(change, project))
}

function show({ action, name, edit }: Change, { migrationsTable }: Project): ShownChange {
  return { action, name, sql: describeEdit(edit, migrationsTable) }
}

function changedMeanwhile(): OpsError {
  return new OpsError({
    code: 'changed-meanwhile',
    message: 'The history changed while you were being asked, so nothing was done.',
    hint: 'Run the command again to see what there is to do now.',
  })
}
