import { withLock } from '../database/lock.ts'
import { freshSession } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import {
  type Applied,
  announce,
  applyInside,
  applyMigration,
  type MigrationScript,
  type Run,
  readMigrationScript,
} from './apply.ts'
import { migrationLock } from './lock.ts'
import { prepareHistory } from './prepare.ts'
import { refuseOutside } from './refuse.ts'
import { retried } from './retry.ts'
import { lookAgain, type Outcome, outcome, runOf, type Work, waitOf } from './work.ts'

/** Applies what is pending under the runner's lock, with the history read anew under it. */
export async function applyUnderLock(work: Work): Promise<Outcome> {
  const { context, database, project, limits, progress } = work
  const key = migrationLock(project)
  return withLock(database, key, waitOf(context, limits), async () => {
    const now = await lookAgain(work)
    if (progress.pending.length === 0) return outcome(work, now)
    // all of them before the first runs: a file that cannot be read means that nothing is attempted
    const files = progress.pending.map(readMigrationScript)
    if (limits.transaction === 'all') refuseOutside(files)
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
