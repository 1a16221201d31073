import type { Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { knowing, OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { cutoffOf } from './cutoff.ts'
import { type Estimate, estimate } from './estimate.ts'
import { tellOfHiddenStandbys } from './hold-up.ts'
import type { Policy } from './policies.ts'
import type { PolicyResult } from './policy-result.ts'
import { isBlocking, type OnDelete } from './references.ts'
import { childrenFirst, refuseHarm, refuseLarge } from './refuse.ts'
import { type RunOptions, runPolicy, type Warnings } from './run.ts'
import { ensureRunsTable } from './runs-table.ts'
import { findSubjects, nameOf, type Subject } from './subject.ts'

/** What a policy would do. */
export interface PlannedPolicy extends Estimate {
  readonly name: string
  readonly table: string
  readonly cutoff: string | null
  /** Other tables whose rows go or change with these. */
  readonly cascades: readonly {
    readonly table: string
    readonly onDelete: Exclude<OnDelete, 'NO ACTION' | 'RESTRICT'>
  }[]
}

interface Prepared {
  readonly subject: Subject
  readonly cutoff: string | null
  readonly estimate: Estimate
}

/** Looks at each policy and deletes nothing. Refuses what a run would refuse. */
export async function planCleanup(
  context: Context,
  database: Database,
  policies: readonly Policy[],
  countExactly: boolean,
): Promise<PlannedPolicy[]> {
  const prepared = await prepare(context, database, policies, countExactly)
  return prepared.map(({ subject, cutoff, estimate }) => ({
    name: subject.policy.name,
    table: nameOf(subject.table),
    cutoff,
    ...estimate,
    cascades: cascadesOf(subject),
  }))
}

/** Each table once for each rule, however many ways lead to it. */
function cascadesOf({ references }: Subject): PlannedPolicy['cascades'] {
  const cascades = references.flatMap(({ child, onDelete }) =>
    isBlocking(onDelete) ? [] : [{ table: nameOf(child), onDelete }],
  )
  return cascades.filter(
    (each, index) =>
      cascades.findIndex(({ table, onDelete }) => table === each.table && onDelete === each.onDelete) ===
      index,
  )
}

/**
 * Deletes what the policies take, one after the other, children first. All are looked at before the first one runs.
 * Throws OpsError: a refusal, before anything is deleted; or a failure or a signal, whose document holds what is done.
 */
export async function runCleanup(
  context: Context,
  database: Database,
  project: Project,
  policies: readonly Policy[],
  options: Omit<RunOptions, 'recorded'>,
  warnings: Warnings,
): Promise<PolicyResult[]> {
  const prepared = await prepare(context, database, policies, false)
  for (const { subject, estimate } of prepared) refuseLarge(subject, estimate, context.globals.allow)
  await askConsentOn(context, project.ops, database.identity, describe(prepared))
  const recorded = await ensureRunsTable(database, project)
  if (!recorded) context.report.note(UNRECORDED)
  await tellOfHiddenStandbys(context, database, options.limits)
  const done: PolicyResult[] = []
  for (const { subject, cutoff } of prepared) {
    try {
      done.push(
        await runPolicy(context, database, project, subject, cutoff, { ...options, recorded }, warnings),
      )
    } catch (error) {
      if (!(error instanceof OpsError)) throw error
      const { policies: failed = [] } = { ...error.known } as { policies?: readonly PolicyResult[] }
      throw knowing(error, { dryRun: false, policies: [...done, ...failed] })
    }
    if (done.at(-1)?.stoppedBy === 'signal')
      throw knowing(context.signal.reason, { dryRun: false, policies: done })
  }
  return done
}

const UNRECORDED =
  'This role may not keep a table of runs beside drizzle’s history: the lock alone guards, and a stopped run begins anew.'

async function prepare(
  context: Context,
  database: Database,
  policies: readonly Policy[],
  countExactly: boolean,
): Promise<Prepared[]> {
  const subjects = childrenFirst(await findSubjects(database, policies))
  const prepared: Prepared[] = []
  for (const [index, subject] of subjects.entries()) {
    context.report.progress(`Looking at ${subject.policy.name}`)
    const cutoff = await cutoffOf(database, subject.policy)
    await refuseHarm(database, subject, subjects.slice(0, index), cutoff)
    const expected = await estimate(database, subject, cutoff, countExactly)
    prepared.push({ subject, cutoff, estimate: expected })
  }
  return prepared
}

function describe(prepared: readonly Prepared[]): string {
  const parts = prepared.map(
    ({ subject, estimate: { matched, exact } }) =>
      `${subject.policy.name}: ${exact ? '' : 'about '}${matched} rows of ${nameOf(subject.table)}`,
  )
  return `This deletes what has expired (${parts.join(', ')}).`
}
