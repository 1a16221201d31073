import { Argument } from 'commander'
import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { type Project, type ProjectStatus, setProjectStatus } from '../platform/services/projects.ts'
import { status as statusOf, uuid } from '../platform/values.ts'

interface ProjectStatusOptions {
  readonly id: string
  readonly status: ProjectStatus
  readonly dryRun?: boolean
}

interface ProjectResult {
  readonly dryRun: boolean
  readonly project: Project
}

export const projectStatusCommand: Command<ProjectStatusOptions, ProjectResult> = {
  options(cli) {
    cli
      .argument('<id>', "the project's id", uuid)
      .addArgument(new Argument('<status>', 'its new status').argParser(statusOf))
      .option('--dry-run', 'set it and take it back')
  },

  run: (context, { id, status, dryRun = false }) =>
    withPlatform(context, { command: 'project status' }, async ({ db, by }) => ({
      dryRun,
      project: await performed(db, dryRun, tx => setProjectStatus(tx, id, status, by)),
    })),

  view: ({ dryRun, project: { id, name, status } }) => [
    line(`Project ${id} (${name}) ${dryRun ? 'would be' : 'is'} ${status}.`, 'good'),
  ],
}
