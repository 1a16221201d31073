import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { facts } from '../platform/facts.ts'
import { withPlatform } from '../platform/platform.ts'
import { createProject, type Project } from '../platform/services/projects.ts'
import { getUser } from '../platform/services/users.ts'
import { wordsOf } from '../platform/words-of.ts'

interface ProjectCreateOptions {
  readonly user: string
  readonly name: string
  readonly description: string
  readonly dryRun?: boolean
}

interface ProjectResult {
  readonly dryRun: boolean
  readonly project: Project
}

export const projectCreate: Command<ProjectCreateOptions, ProjectResult> = {
  options(cli) {
    cli
      .requiredOption('--user <id>', 'whose it will be')
      .requiredOption('--name <name>', 'its name')
      .option('--description <text>', 'what it is about', '')
      .option('--dry-run', 'make it and take it back')
  },

  run: (context, { user, name, description, dryRun = false }) =>
    withPlatform(context, { command: 'project create' }, async ({ db, by }) => {
      const project = await performed(db, dryRun, async tx => {
        const { id: userId } = await getUser(tx, user)
        return createProject(tx, { userId, name, description }, by)
      })
      return { dryRun, project }
    }),

  view: ({ dryRun, project }) => [
    ...facts(wordsOf(project)),
    line(dryRun ? 'Nothing was made; this would be.' : `Made project ${project.id}.`, 'good'),
  ],
}
