import type { Command } from '../command.ts'
import { type Readiness, waitForServer } from '../database/wait.ts'
import { durationOption, positive } from '../options.ts'
import { line } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { findProject } from '../project/project.ts'
import { withTarget } from '../session.ts'

interface WaitOptions {
  readonly timeout: number
  readonly stable: number
  readonly allowMissingDatabase?: boolean
}

export const wait: Command<WaitOptions, Readiness> = {
  options(cli) {
    cli
      .addOption(durationOption('--timeout <duration>', 'give up after this time', '60s'))
      .option('--stable <n>', 'ask for so many answers in a row, one a second', positive, 1)
      .option('--allow-missing-database', 'a server without this database is ready too')
  },

  async run(context, { timeout, stable, allowMissingDatabase = false }) {
    const project = await findProject(context)
    return withTarget(context, project, target =>
      waitForServer(context, target, { timeout, stable, allowMissingDatabase }),
    )
  },

  view: ({ attempts, ms }) => [
    line(`Ready after ${milliseconds(ms)}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`, 'good'),
  ],
}
