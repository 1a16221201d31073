import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { knowing, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { inspect } from './inspect.ts'
import { pendingOf } from './pending.ts'
import { refuseDoubtfulHistory } from './refuse.ts'
import { type MigrateLimits, type Outcome, outcome, type Progress, type Work } from './work.ts'

/**
 * Applies what is pending. Where nothing is, it takes no lock, creates nothing and writes nothing.
 * Throws OpsError: `history` or `lint` (refused), `lock-held` (exit 5), or a statement's failure, whose document
 * names what was applied before it.
 */
export async function migrateDatabase(
  context: Context,
  database: Database,
  project: Project,
  limits: MigrateLimits,
): Promise<Outcome> {
  const seen = await inspect(database, project)
  const progress: Progress = { applied: [], pending: pendingOf(seen, limits) }
  const work: Work = { context, database, project, limits, seen, progress }
  try {
    refuseDoubtfulHistory(seen, limits.allow)
    context.event({ event: 'planned', pending: progress.pending.map(({ name }) => name) })
    if (progress.pending.length === 0) return outcome(work, seen)
    if (limits.lint) {
      const { lintBefore } = await import('../lint/before-migrate.ts')
      await lintBefore(work)
    }
    // the way to apply takes 5 ms to load, and most runs have nothing to apply
    const { applyThroughPooler } = await import('./pooled.ts')
    const { applyUnderLock } = await import('./locked.ts')
    return await (database.server.pooler === 'transaction' ? applyThroughPooler(work) : applyUnderLock(work))
  } catch (error) {
    throw withProgress(error, progress)
  }
}

function withProgress(error: unknown, { applied, pending }: Progress): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError)) return explained
  return knowing(explained, { applied, pending: pending.map(({ name }) => name) })
}
