import type { Command } from '../command.ts'
import { type ResetOutcome, resetDatabase } from '../migrations/reset.ts'
import { durationOption } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface ResetOptions {
  readonly dryRun?: boolean
  readonly lockWait: number
}

interface ResetResult extends ResetOutcome {
  readonly dryRun: boolean
}

/** As in migrate: short, because whoever waits for a lock holds up everybody behind. */
const LOCK_TIMEOUT = 300

export const reset: Command<ResetOptions, ResetResult> = {
  options(cli) {
    cli
      .option('--dry-run', 'list what would be dropped')
      .addOption(
        durationOption(
          '--lock-wait <duration>',
          'how long to wait for another run, and for locks on tables; 0 does not wait',
          '60s',
        ),
      )
  },

  async run(context, { dryRun = false, lockWait }) {
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: dryRun }
    const outcome = await withProjectDatabase(context, project, { command: 'reset', settings }, database =>
      resetDatabase(context, database, project, { dryRun, lockWait }),
    )
    return { dryRun, ...outcome }
  },

  view: ({ dryRun, dropped, applied, pending }): Block[] => [
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
  ],
}
