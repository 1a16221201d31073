import { Option } from 'commander'
import { readPolicies } from '../cleanup/policies.ts'
import { SCHEDULERS, type Scheduler, scheduleText } from '../cleanup/schedules.ts'
import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'

interface CleanupScheduleOptions {
  readonly policies: readonly string[]
  readonly print: Scheduler
}

interface CleanupScheduleResult {
  readonly scheduler: Scheduler
  readonly text: string
}

export const cleanupSchedule: Command<CleanupScheduleOptions, CleanupScheduleResult> = {
  options(cli) {
    cli
      .argument('[policies...]', 'policies of ops.cleanup (default: all of them)')
      .addOption(new Option('--print <scheduler>', 'for whom').choices([...SCHEDULERS]).makeOptionMandatory())
  },

  async run(context, { policies, print }) {
    if (policies.length > 0) readPolicies(await openProject(context), policies)
    return { scheduler: print, text: scheduleText(print, policies) }
  },

  view: ({ text }) =>
    text
      .trimEnd()
      .split('\n')
      .map(each => line(each)),
}
