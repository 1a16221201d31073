import type { Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { confirmLock, withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { knowing, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { type Inspection, inspect } from './inspect.ts'
import { migrationLock } from './lock.ts'
import { displacedOf, type Loss, lossesOf } from './revert-losses.ts'
import { obstaclesOf } from './revert-obstacles.ts'
import { planRevert, type RevertStep, type RevertTarget } from './revert-plan.ts'
import { changedMeanwhile, describeLosses, refuseObstacles, refuseRisks } from './revert-refuse.ts'
import { runStep } from './revert-run.ts'
import { waitOf } from './work.ts'

/** One migration that is reverted, or would be. */
export interface Reverted {
  readonly name: string
  readonly statements: number
  readonly source: 'file' | 'derived'
  /** What it takes away that holds rows or values. */
  readonly loses: readonly Loss[]
  /** Columns that come back behind others that they may have stood before. */
  readonly displaces: readonly string[]
  readonly sql: readonly string[]
}

export interface RevertWish extends RevertTarget {
  readonly dryRun: boolean
  /** Milliseconds, for the runner's lock and for locks on tables. */
  readonly lockWait: number
}

/**
 * Reverts the newest migrations, each in a transaction of its own together with its history row. All that can be
 * decided is decided before the first one runs.
 */
export async function revertMigrations(
  context: Context,
  database: Database,
  project: Project,
  wish: RevertWish,
): Promise<Reverted[]> {
  const { steps, planned } = await plan(context, database, project, wish)
  if (wish.dryRun || steps.length === 0) return planned
  refuseRisks(context.globals.allow, planned)
  if (database.server.pooler === 'transaction') throw sessionNeeded('Reverting migrations')
  for (const loss of describeLosses(planned)) context.report.note(loss)
  await askConsentOn(context, project.ops, database.identity, question(planned))
  const key = migrationLock(project)
  const done: Reverted[] = []
  try {
    await withLock(database, key, waitOf(context, wish), async () => {
      refuseOtherState(await inspect(database, project), steps)
      for (const [index, step] of steps.entries()) {
        await confirmLock(database, key)
        await runStep({ context, database, project, lockWait: wish.lockWait }, step)
        done.push(planned[index] as Reverted)
      }
    })
  } catch (error) {
    const explained = explain(error, database.identity)
    throw explained instanceof OpsError ? knowing(explained, { dryRun: false, reverted: done }) : explained
  }
  return done
}

async function plan(
  context: Context,
  database: Database,
  project: Project,
  target: RevertTarget,
): Promise<{ readonly steps: RevertStep[]; readonly planned: Reverted[] }> {
  const steps = await planRevert(context, database, project, await inspect(database, project), target)
  refuseObstacles(steps, await obstaclesOf(database, steps))
  const losses = await lossesOf(database, steps)
  const displaced = await displacedOf(database, steps)
  const planned = steps.map(({ migration, source, script }, index) => ({
    name: migration.name,
    statements: script.statements.length,
    source,
    loses: losses[index] ?? [],
    displaces: displaced[index] ?? [],
    sql: script.statements.map(({ text }) => text.trim()),
  }))
  return { steps, planned }
}

function question(planned: readonly Reverted[]): string {
  const names = planned.map(({ name }) => name).join(', ')
  const loses = planned.some(({ loses }) => loses.length > 0)
  return `This reverts ${names}${loses ? ' and loses what was listed' : ''}.`
}

/** Somebody may have migrated or reverted since. */
function refuseOtherState({ judged }: Inspection, steps: readonly RevertStep[]): void {
  const applied = judged.flatMap(({ row, migration }) => (migration && row ? [row.id] : []))
  const newest = applied.slice(-steps.length).toReversed()
  if (String(newest) !== String(steps.map(({ row }) => row.id))) throw changedMeanwhile()
}
