import { withLockedTransaction } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { settingsWithin } from '../database/settings.ts'
import { type Applied, announce, applyInside, type MigrationScript, readMigrationScript } from './apply.ts'
import type { Migration } from './folder.ts'
import type { Inspection } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { prepareHistory } from './prepare.ts'
import { retried } from './retry.ts'
import { lookAgain, type Outcome, outcome, runOf, type Work, waitOf } from './work.ts'

/** Each file, its row, its lock and the look at the history in one transaction: all that a transaction pooler keeps together. */
export async function applyThroughPooler(work: Work): Promise<Outcome> {
  const { context, database, project, limits, progress } = work
  if (limits.transaction === 'all') throw sessionNeeded('--tx all')
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
