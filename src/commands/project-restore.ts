import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { restoreProject } from '../platform/services/project-removal.ts'
import type { Project } from '../platform/services/projects.ts'
import { uuid } from '../platform/values.ts'

interface ProjectRestoreOptions {
  readonly id: string
  readonly dryRun?: boolean
}

interface ProjectResult {
  readonly dryRun: boolean
  readonly project: Project
}

export const projectRestore: Command<ProjectRestoreOptions, ProjectResult> = {
  options(cli) {
    cli.argument('<id>', "the project's id", uuid).option('--dry-run', 'restore it and take it back')
  },

  run: (context, { id, dryRun = false }) =>
    withPlatform(context, { command: 'project restore' }, async ({ db, by }) => ({
      dryRun,
      project: await performed(db, dryRun, tx => restoreProject(tx, id, by)),
    })),

  view: ({ dryRun, project: { id, name } }) => [
    line(`Project ${id} (${name}) ${dryRun ? 'would be' : 'is'} there again.`, 'good'),
  ],
}
