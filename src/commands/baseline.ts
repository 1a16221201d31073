import type { Command } from '../command.ts'
import { amendHistory, type ShownChange } from '../migrations/amend.ts'
import { planBaseline } from '../migrations/repair.ts'
import { viewChanges } from '../migrations/view-changes.ts'
import { durationOption } from '../options.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface BaselineOptions {
  readonly name: string
  readonly dryRun?: boolean
  readonly lockWait: number
}

interface BaselineResult {
  readonly dryRun: boolean
  readonly changes: readonly ShownChange[]
}

export const baseline: Command<BaselineOptions, BaselineResult> = {
  options(cli) {
    cli
      .argument('<name>', 'the last migration whose objects the database holds')
      .option('--dry-run', 'show what would be recorded')
      .addOption(durationOption('--lock-wait <duration>', 'how long to wait for another run', '60s'))
  },

  async run(context, { name, dryRun = false, lockWait }) {
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = 5000 } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: dryRun }
    const changes = await withProjectDatabase(context, project, { command: 'baseline', settings }, database =>
      amendHistory(context, database, project, {
        dryRun,
        lockWait,
        plan: inspection => planBaseline(database, inspection, name),
      }),
    )
    return { dryRun, changes }
  },

  view: ({ changes, dryRun }) => viewChanges(changes, dryRun),
}
