import type { Command } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { deleteProject, destroyProject } from '../platform/services/project-removal.ts'
import { getProject, type Project } from '../platform/services/projects.ts'
import { uuid } from '../platform/values.ts'

interface ProjectDeleteOptions {
  readonly id: string
  readonly forGood?: boolean
  readonly dryRun?: boolean
}

interface ProjectDeleteResult {
  readonly dryRun: boolean
  readonly forGood: boolean
  readonly project: Project
}

export const projectDelete: Command<ProjectDeleteOptions, ProjectDeleteResult> = {
  options(cli) {
    cli
      .argument('<id>', "the project's id", uuid)
      .option('--for-good', 'with everything that hangs from it, instead of hiding it until it is restored')
      .option('--dry-run', 'delete it and take it back')
  },

  run: (context, { id, forGood = false, dryRun = false }) =>
    withPlatform(context, { command: 'project delete' }, async ({ db, by, database, project: { ops } }) => {
      const { name, userId } = await getProject(db, id, { deleted: forGood })
      const fate = forGood
        ? 'is deleted for good, with everything that hangs from it'
        : 'is hidden until restored'
      if (!dryRun)
        await askConsentOn(
          context,
          ops,
          database.identity,
          `Project ${id} (${name}, of user ${userId}) ${fate}.`,
        )
      const remove = forGood ? destroyProject : deleteProject
      return { dryRun, forGood, project: await performed(db, dryRun, tx => remove(tx, id, by)) }
    }),

  view: ({ dryRun, forGood, project: { id, name } }) => [
    line(
      `${dryRun ? 'Nothing was deleted; this would be' : forGood ? 'Deleted for good' : 'Deleted'}: project ${id} (${name}).`,
      'good',
    ),
    ...(forGood || dryRun ? [] : [line(`Until it is cleaned up: drizzle-ops project restore ${id}`, 'dim')]),
  ],
}
