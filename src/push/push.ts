import type { Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { knowing, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import { checkUsed } from '../generate/unused-renames.ts'
import { askPerson } from '../kit/ask.ts'
import type { Need } from '../kit/find.ts'
import { withKit } from '../kit/kit.ts'
import { type Decisions, UNDECIDED } from '../kit/rename.ts'
import { migrationLock } from '../migrations/lock.ts'
import { waitOf } from '../migrations/work.ts'
import type { Project } from '../project/project.ts'
import { applyStatements } from './apply.ts'
import { classify, type PushStatement } from './classify.ts'
import { type PushWork, type Statements, statementsFor } from './plan.ts'
import { refuse, refuseUndecided } from './refuse.ts'

export interface PushOptions {
  readonly dryRun: boolean
  readonly lockWait: number
  readonly decisions: Decisions
}

export interface PushOutcome {
  readonly status: 'ok' | 'no_changes' | 'planned'
  readonly statements: readonly PushStatement[]
  readonly applied: number
  /** What the schema does not describe and push therefore leaves as it is. */
  readonly leftAlone: readonly string[]
  /** What differs though drizzle-kit has no statement for it. */
  readonly unresolved: readonly string[]
  /** What could not be compared, and why. */
  readonly notCompared: readonly { readonly sql: string; readonly message: string }[]
}

const NEED: Need = { what: 'The statements of push are written by drizzle-kit', failed: 'could not compare' }

/**
 * Makes the database what the schema files say, with drizzle-kit's statements and the project's own consent.
 * Throws OpsError: `needs-decision`, `hazards`, `push-blocked` (exit 1, nothing changed), `not-converged`, and a
 * statement's failure; each with `statements` and `applied`.
 */
export async function pushSchema(
  context: Context,
  database: Database,
  project: Project,
  options: PushOptions,
): Promise<PushOutcome> {
  if (database.server.pooler === 'transaction') throw sessionNeeded('push')
  return withKit(context, project, NEED, async kit => {
    context.report.progress('Reading the schema')
    const code = await kit.code()
    return pushCode({ context, database, project, kit, code, decisions: options.decisions }, options)
  })
}

/** The same for a schema that has been read. */
export async function pushCode(
  work: PushWork,
  { dryRun, lockWait }: Omit<PushOptions, 'decisions'>,
): Promise<PushOutcome> {
  const { context, database, project } = work
  context.report.progress('Comparing the schema with the database')
  const { plan, decisions } = await decided(work)
  const statements = await classify(database, plan)
  const outcome = outcomeOf(plan, statements)
  if (statements.length === 0) return { ...outcome, status: 'no_changes' }
  checkUsed(decisions, plan.asked)
  if (dryRun) return { ...outcome, status: 'planned' }
  try {
    refuse(statements, context.globals.allow)
    const consent = consenting(context, project)
    if (!consent.globals.yes || project.config.verbose)
      for (const each of statements) context.report.note(told(each))
    await askConsentOn(consent, project.ops, database.identity, question(statements))
    return { ...outcome, status: 'ok', ...(await applied({ ...work, decisions }, statements, lockWait)) }
  } catch (error) {
    throw withStatements(error, statements)
  }
}

function outcomeOf(plan: Statements, statements: readonly PushStatement[]) {
  const { leftAlone, unresolved, notCompared } = plan
  return { statements, applied: 0, leftAlone, unresolved, notCompared }
}

/** With what a person at a terminal says to the questions. */
async function decided(work: PushWork): Promise<{ plan: Statements; decisions: Decisions }> {
  const { context } = work
  const plan = await statementsFor(work)
  const [question] = plan.questions
  if (!question) return { plan, decisions: work.decisions }
  const decisions = await askPerson(context, question, work.decisions)
  if (!decisions) throw refuseUndecided(plan.questions)
  return decided({ ...work, decisions })
}

/** With `strict` a person is asked also where --yes has been given; where nobody is, --yes counts. */
function consenting(context: Context, { config }: Project): Context {
  if (config.strict !== true || !context.globals.yes) return context
  return {
    ...context,
    globals: { ...context.globals, yes: false },
    ask: async question => (await context.ask(question)) ?? 'y',
  }
}

function told({ sql, hazards }: PushStatement): string {
  const text = sql.replaceAll('\t', '  ')
  return hazards.length > 0 ? `${text}  -- ${hazards.join(', ')}` : text
}

function question(statements: readonly PushStatement[]): string {
  return `This runs ${statements.length} ${statements.length === 1 ? 'statement' : 'statements'}.`
}

/** Under the lock, with the plan made anew before and after. */
async function applied(
  work: PushWork,
  agreed: readonly PushStatement[],
  lockWait: number,
): Promise<Pick<PushOutcome, 'applied' | 'unresolved'>> {
  const { context, database, project } = work
  return withLock(database, migrationLock(project), waitOf(context, { lockWait }), async () => {
    const texts = agreed.map(({ sql }) => sql)
    const now = await statementsFor(work)
    if (now.statements.join('\0') !== texts.join('\0')) throw changedMeanwhile()
    context.report.progress('Pushing')
    const count = await applyStatements(context, database, texts, lockWait)
    const left = await statementsFor({ ...work, decisions: UNDECIDED })
    if (left.statements.length + left.questions.length > 0) throw notConverged(left, count)
    return { applied: count, unresolved: left.unresolved }
  })
}

function changedMeanwhile(): OpsError {
  return new OpsError({
    code: 'push-changed',
    message: 'The database changed after the plan had been shown, so nothing was pushed.',
    hint: 'Run drizzle-ops push again.',
  })
}

function notConverged({ statements, questions }: Statements, applied: number): OpsError {
  const left = [...statements, ...questions.map(({ kind, name }) => `${kind} ${name}`)]
  return new OpsError({
    code: 'not-converged',
    message: `The ${applied === 1 ? 'statement' : `${applied} statements`} ran, and the database still is not what the schema says. Left: ${left.join(' ')}`,
    hint: 'Look for what undoes it (event triggers, say), or make a migration by hand: drizzle-ops generate --custom.',
    known: { applied, remaining: left },
  })
}

function withStatements(error: unknown, statements: readonly PushStatement[]): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError)) return explained
  return knowing(explained, { applied: 0, ...explained.known, status: 'refused', statements })
}
