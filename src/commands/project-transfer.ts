import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { type Project, transferProject } from '../platform/services/projects.ts'
import { uuid } from '../platform/values.ts'

interface ProjectTransferOptions {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly dryRun?: boolean
}

interface ProjectResult {
  readonly dryRun: boolean
  readonly project: Project
}

export const projectTransfer: Command<ProjectTransferOptions, ProjectResult> = {
  options(cli) {
    cli
      .argument('<id>', "the project's id", uuid)
      .requiredOption('--from <user>', 'whose it is; refused where it is not')
      .requiredOption('--to <user>', 'whose it will be')
      .option('--dry-run', 'transfer it and take it back')
  },

  run: (context, { id, from, to, dryRun = false }) =>
    withPlatform(context, { command: 'project transfer' }, async ({ db, by }) => ({
      dryRun,
      project: await performed(db, dryRun, tx => transferProject(tx, id, { from, to }, by)),
    })),

  view: ({ dryRun, project: { id, name, userId } }) => [
    line(`Project ${id} (${name}) ${dryRun ? 'would belong' : 'belongs'} to ${userId}.`, 'good'),
  ],
}
