import { Option } from 'commander'
import type { Command, Context } from '../command.ts'
import { withDatabase } from '../database/database.ts'
import type { Applied } from '../migrations/apply.ts'
import { readMigrations } from '../migrations/folder.ts'
import { inspect } from '../migrations/inspect.ts'
import { migrateDatabase } from '../migrations/migrate.ts'
import { isUpToDate } from '../migrations/state.ts'
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
  readonly check?: boolean
  readonly to?: string
  readonly tx: 'file' | 'all'
}

interface MigrateResult {
  readonly dryRun: boolean
  readonly applied: readonly Applied[]
  readonly pending: readonly string[]
  readonly alreadyApplied: number
  readonly current: string | null
  readonly ms: number
  readonly upToDate: boolean
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
      .option('--check', 'apply nothing; exit 4 unless everything is applied')
  },

  async run(context, options) {
    const started = performance.now()
    const project = await openProject(context)
    const outcome = await withTarget(context, project, async target => {
      await prepareServer(context, target, project, options)
      return options.check ? check(context, target, project) : apply(context, target, project, options)
    })
    return { dryRun: options.check === true, ...outcome, ms: performance.now() - started }
  },

  view: ({ dryRun, applied, pending, alreadyApplied, ms }): Block[] => [
    table(
      [
        { key: 'name', title: 'applied' },
        { key: 'statements', title: 'statements' },
        { key: 'ms', title: 'time', unit: 'milliseconds' },
        { key: 'transaction', title: 'transaction' },
      ],
      applied.map(each => ({ cells: { ...each }, tone: 'good' })),
    ),
    dryRun && pending.length > 0
      ? line(`${pending.length} not applied: ${pending.join(', ')}.`, 'warn')
      : line(summary(applied.length, alreadyApplied, ms), 'good'),
  ],

  outputs: ({ applied = [], pending = [], current }) => ({
    applied_count: applied.length,
    pending_count: pending.length,
    current: current ?? applied.at(-1)?.name ?? '',
  }),

  exit: ({ dryRun, upToDate }) => (dryRun && !upToDate ? 4 : 0),
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

async function apply(
  context: Context,
  target: Target,
  project: Project,
  { lockWait, to, tx }: MigrateOptions,
) {
  const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT, allow } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly: false }
  const outcome = await withDatabase(context, target, { command: 'migrate', settings }, database =>
    migrateDatabase(context, database, project, { allow, lockWait, to, transaction: tx }),
  )
  return { ...outcome, upToDate: outcome.pending.length === 0 }
}

async function check(context: Context, target: Target, project: Project) {
  const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly: true }
  return withDatabase(context, target, { command: 'migrate', settings }, async database => {
    const states = (await inspect(database, project)).judged.map(({ state }) => state)
    const upToDate = isUpToDate(states)
    const done = states.filter(({ state }) => state === 'applied' || state === 'restamped')
    const open = states.filter(({ state }) => state !== 'applied' && state !== 'restamped')
    return {
      applied: [],
      pending: upToDate ? [] : open.map(({ name }) => name),
      alreadyApplied: done.length,
      current: done.at(-1)?.name ?? null,
      upToDate,
    }
  })
}

function summary(applied: number, alreadyApplied: number, ms: number): string {
  if (applied === 0) return `Nothing to apply: ${alreadyApplied} already applied.`
  return `Applied ${applied} in ${milliseconds(ms)}; ${alreadyApplied} had been applied before.`
}
