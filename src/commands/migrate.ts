import { Option } from 'commander'
import type { Command, Context } from '../command.ts'
import { type Database, withDatabase } from '../database/database.ts'
import type { ExitCode } from '../errors.ts'
import type { Applied } from '../migrations/apply.ts'
import { readMigrations } from '../migrations/folder.ts'
import { migrateDatabase } from '../migrations/migrate.ts'
import { type ShownPlan, viewPlan } from '../migrations/view-plan.ts'
import type { MigrateLimits } from '../migrations/work.ts'
import { duration, durationOption } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { openProject, type Project } from '../project/project.ts'
import type { Target } from '../project/target.ts'
import { withTarget } from '../session.ts'

interface MigrateOptions {
  readonly lockWait: number
  readonly wait?: number
  readonly createDatabase?: boolean
  readonly to?: string
  readonly tx: 'file' | 'all'
  readonly check?: boolean
  readonly dryRun?: boolean
  readonly rehearse?: boolean
  readonly lint: boolean
}

/** What a mode finds or does; `plan` and what belongs to it with --dry-run and --rehearse only. */
interface Found extends Partial<ShownPlan> {
  readonly applied: readonly Applied[]
  readonly pending: readonly string[]
  readonly alreadyApplied: number
  readonly current: string | null
  readonly upToDate: boolean
}

interface MigrateResult extends Found {
  readonly dryRun: boolean
  readonly ms: number
}

/** Short, because whoever waits for a lock holds up everybody behind; the file is tried again. */
const LOCK_TIMEOUT = 300

export const migrate: Command<MigrateOptions, MigrateResult> = {
  options(cli) {
    cli
      .addOption(
        durationOption(
          '--lock-wait <duration>',
          'how long to wait for another run, and for locks on tables; 0 does not wait',
          '60s',
        ),
      )
      .option('--wait <duration>', 'first wait this long for the server to answer', duration)
      .option('--create-database', 'create the database where it does not exist')
      .option('--to <name>', 'the last migration to apply')
      .addOption(
        new Option('--tx <scope>', 'a transaction for each file, or one for all')
          .choices(['file', 'all'])
          .default('file'),
      )
      .addOption(
        new Option('--dry-run', 'show each statement with its locks; write nothing').conflicts([
          'rehearse',
          'check',
        ]),
      )
      .addOption(
        new Option('--rehearse', 'run and measure what is pending, then roll it back').conflicts(['check']),
      )
      .option('--no-lint', 'do not look for dangerous statements first')
      .option('--check', 'apply nothing; exit 4 unless everything is applied')
  },

  async run(context, options) {
    const started = performance.now()
    const project = await openProject(context)
    const { allow } = context.globals
    const limits: MigrateLimits = {
      allow,
      lockWait: options.lockWait,
      to: options.to,
      transaction: options.tx,
      lint: options.lint,
    }
    const dryRun = options.dryRun === true || options.rehearse === true || options.check === true
    const found = await withTarget(context, project, async target => {
      await prepareServer(context, target, project, options)
      const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
      const readOnly = dryRun && !options.rehearse
      const settings = { statementTimeout, lockTimeout, readOnly }
      return withDatabase(context, target, { command: 'migrate', settings }, database =>
        modeOf(options)(context, database, project, limits),
      )
    })
    return { dryRun, ...found, ms: performance.now() - started }
  },

  view: result =>
    result.plan
      ? viewPlan({ findings: [], end: null, sequences: [], plan: result.plan, ...result })
      : viewApplied(result),

  outputs: ({ applied = [], pending = [], current }) => ({
    applied_count: applied.length,
    pending_count: pending.length,
    current: current ?? applied.at(-1)?.name ?? '',
  }),

  exit: exitOf,
}

type Mode = (context: Context, database: Database, project: Project, limits: MigrateLimits) => Promise<Found>

/** Each mode is loaded when it is asked for: the parser of --dry-run alone takes longer than a whole run. */
function modeOf({ check, dryRun, rehearse }: MigrateOptions): Mode {
  if (check)
    return async (_, database, project) =>
      (await import('../migrations/check.ts')).checkMigrations(database, project)
  if (dryRun) return plan
  if (rehearse) return rehearsal
  return async (context, database, project, limits) => {
    const outcome = await migrateDatabase(context, database, project, limits)
    return { ...outcome, upToDate: outcome.pending.length === 0 }
  }
}

const plan: Mode = async (context, database, project, limits) => {
  const { planMigrations } = await import('../migrations/plan.ts')
  const { files, findings, alreadyApplied } = await planMigrations(context, database, project, limits)
  return {
    ...untouched(files, alreadyApplied),
    plan: files.map(file => ({ ...file, rehearsed: false })),
    findings,
  }
}

const rehearsal: Mode = async (context, database, project, limits) => {
  const { rehearseMigrations } = await import('../migrations/rehearse.ts')
  const { files, end, sequences, alreadyApplied } = await rehearseMigrations(
    context,
    database,
    project,
    limits,
  )
  return { ...untouched(files, alreadyApplied), plan: files, end, sequences }
}

function untouched(files: readonly { readonly name: string }[], alreadyApplied: number) {
  const pending = files.map(({ name }) => name)
  return { applied: [], pending, alreadyApplied, current: null, upToDate: pending.length === 0 }
}

/** A plan that would be refused fails as the run would; only --check finds fault with what is pending. */
function exitOf({ dryRun, plan, findings = [], upToDate }: MigrateResult): ExitCode {
  if (plan) return findings.length > 0 ? 1 : 0
  return dryRun && !upToDate ? 4 : 0
}

async function prepareServer(
  context: Context,
  target: Target,
  project: Project,
  { wait, createDatabase = false }: MigrateOptions,
): Promise<void> {
  // without its migrations a database would be made for nothing
  if (wait !== undefined || createDatabase) readMigrations(project)
  if (wait !== undefined) {
    const { waitForServer } = await import('../database/wait.ts')
    await waitForServer(context, target, { timeout: wait, stable: 1, allowMissingDatabase: createDatabase })
  }
  if (createDatabase) {
    const { createDatabaseIfMissing } = await import('../database/create.ts')
    await createDatabaseIfMissing(context, target)
  }
}

function viewApplied({ dryRun, applied, pending, alreadyApplied, ms }: MigrateResult): Block[] {
  const columns = [
    { key: 'name', title: 'applied' },
    { key: 'statements', title: 'statements' },
    { key: 'ms', title: 'time', unit: 'milliseconds' as const },
    { key: 'transaction', title: 'transaction' },
  ]
  const rows = applied.map(each => ({ cells: { ...each }, tone: 'good' as const }))
  const open = `${pending.length} not applied: ${pending.join(', ')}.`
  return [
    table(columns, rows),
    dryRun && pending.length > 0
      ? line(open, 'warn')
      : line(summary(applied.length, alreadyApplied, ms), 'good'),
  ]
}

function summary(applied: number, alreadyApplied: number, ms: number): string {
  if (applied === 0) return `Nothing to apply: ${alreadyApplied} already applied.`
  return `Applied ${applied} in ${milliseconds(ms)}; ${alreadyApplied} had been applied before.`
}
