import type { Command, Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { knowing, OpsError } from '../errors.ts'
import { type ResetOutcome, resetDatabase } from '../migrations/reset.ts'
import { durationOption } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { openProject, type Project } from '../project/project.ts'
import type { seedAsUsual } from '../seed/usual.ts'
import { withProjectDatabase } from '../session.ts'

interface ResetOptions {
  readonly dryRun?: boolean
  readonly seed?: boolean
  readonly lockWait: number
}

interface ResetResult extends ResetOutcome {
  readonly dryRun: boolean
  /** What `seed` wrote afterwards, where it was asked for. */
  readonly seeded?: Seeding['tables']
}

type Seeding = Awaited<ReturnType<typeof seedAsUsual>>

/** As in migrate: short, because whoever waits for a lock holds up everybody behind. */
const LOCK_TIMEOUT = 300

export const reset: Command<ResetOptions, ResetResult> = {
  options(cli) {
    cli
      .option('--dry-run', 'list what would be dropped')
      .option('--seed', 'fill the tables afterwards, as seed does')
      .addOption(
        durationOption(
          '--lock-wait <duration>',
          'how long to wait for another run, and for locks on tables; 0 does not wait',
          '60s',
        ),
      )
  },

  async run(context, { dryRun = false, lockWait, seed = false }) {
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: dryRun }
    return withProjectDatabase(context, project, { command: 'reset', settings }, async database => {
      const outcome = await resetDatabase(context, database, project, { dryRun, lockWait })
      if (!seed || dryRun) return { dryRun, ...outcome }
      const { tables } = await seeding(context, database, project, outcome)
      return { dryRun, ...outcome, seeded: tables }
    })
  },

  view: ({ dryRun, dropped, applied, pending, seeded }): Block[] => [
    table(
      [
        { key: 'kind', title: dryRun ? 'would drop' : 'dropped' },
        { key: 'object', title: 'name' },
      ],
      dropped.map(each => ({ cells: { ...each }, tone: 'warn' })),
    ),
    line(
      dryRun
        ? `Nothing was dropped; ${dropped.length} objects would be, and ${pending.length} migrations applied.`
        : `Dropped ${dropped.length} objects and applied ${applied.length} migrations.`,
      'good',
    ),
    ...(seeded ? [line(`Seeded ${seeded.length} tables.`, 'good')] : []),
  ],
}

/** What was done before is told even where this fails. */
async function seeding(
  context: Context,
  database: Database,
  project: Project,
  { dropped, applied }: ResetOutcome,
): Promise<Seeding> {
  try {
    const { seedAsUsual } = await import('../seed/usual.ts')
    return await seedAsUsual(context, database, project)
  } catch (error) {
    throw error instanceof OpsError ? knowing(error, { dropped, applied }) : error
  }
}
