import type { Command } from '../command.ts'
import { OpsError } from '../errors.ts'
import { type Amendment, amendHistory, type ShownChange } from '../migrations/amend.ts'
import type { Inspection } from '../migrations/inspect.ts'
import { planAcceptEdits, planForget, planMarkApplied, planRestamp } from '../migrations/repair.ts'
import { viewChanges } from '../migrations/view-changes.ts'
import { durationOption } from '../options.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface RepairOptions {
  readonly markApplied?: string
  readonly forget?: string
  readonly acceptEdits?: boolean
  readonly restamp?: string
  readonly dryRun?: boolean
  readonly lockWait: number
}

interface RepairResult {
  readonly dryRun: boolean
  readonly changes: readonly ShownChange[]
}

export const repair: Command<RepairOptions, RepairResult> = {
  options(cli) {
    cli
      .option('--mark-applied <name>', 'record a migration as applied without running it')
      .option('--forget <name>', 'remove the record of a migration')
      .option('--accept-edits', 'take edited files for what was applied')
      .option(
        '--restamp <name>',
        'after a merge: move a file behind the newest applied, or its row to the file',
      )
      .option('--dry-run', 'show what would be changed')
      .addOption(durationOption('--lock-wait <duration>', 'how long to wait for another run', '60s'))
  },

  async run(context, options) {
    const { dryRun = false, lockWait } = options
    const plan = planOf(options)
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = 5000 } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: dryRun }
    const changes = await withProjectDatabase(context, project, { command: 'repair', settings }, database =>
      amendHistory(context, database, project, { dryRun, lockWait, plan }),
    )
    return { dryRun, changes }
  },

  view: ({ changes, dryRun }) => viewChanges(changes, dryRun),
}

function planOf({ markApplied, forget, acceptEdits, restamp }: RepairOptions): Amendment['plan'] {
  const plans: Amendment['plan'][] = [
    ...(markApplied === undefined ? [] : [(now: Inspection) => planMarkApplied(now, markApplied)]),
    ...(forget === undefined ? [] : [(now: Inspection) => planForget(now, forget)]),
    ...(acceptEdits ? [planAcceptEdits] : []),
    ...(restamp === undefined ? [] : [(now: Inspection) => planRestamp(now, restamp, Date.now())]),
  ]
  const [plan, ...others] = plans
  if (plan && others.length === 0) return plan
  throw new OpsError({
    code: 'usage',
    message: plan ? 'One repair at a time.' : 'Which repair? None was named.',
    hint: 'Give one of --mark-applied <name>, --forget <name>, --accept-edits, --restamp <name>.',
    exit: 2,
  })
}
