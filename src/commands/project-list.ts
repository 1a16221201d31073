import { Option } from 'commander'
import type { Command } from '../command.ts'
import { count } from '../options.ts'
import { line, table } from '../output/blocks.ts'
import { declarePaging, footer, type PagingOptions, pageOf } from '../platform/paging.ts'
import { withPlatform } from '../platform/platform.ts'
import { projectStatus } from '../platform/schema/projects.ts'
import { listProjects, type ProjectFilter } from '../platform/services/project-lists.ts'
import type { ProjectStatus } from '../platform/services/projects.ts'
import { statuses } from '../platform/values.ts'
import { wordsOf } from '../platform/words-of.ts'

interface ProjectListOptions extends PagingOptions {
  readonly user?: string
  readonly status?: readonly ProjectStatus[]
  readonly search?: string
  readonly minScore?: number
  readonly deleted?: 'also' | 'only'
}

type Listed = Awaited<ReturnType<typeof listProjects>>

interface ProjectListResult {
  readonly projects: Listed['rows']
  readonly next: string | null
  readonly total?: number
}

export const projectList: Command<ProjectListOptions, ProjectListResult> = {
  options(cli) {
    declarePaging(cli)
    cli
      .option('--user <id>', 'of this user only')
      .option('--status <status>', `one or several of ${projectStatus.enumValues.join(', ')}`, statuses)
      .option('--search <text>', 'part of the name or of the description')
      .option('--min-score <n>', 'validation score from this on', count)
      .addOption(
        new Option('--deleted [which]', 'those deleted softly as well, or only those')
          .choices(['also', 'only'])
          .preset('also'),
      )
  },

  run: (context, options) =>
    withPlatform(context, { command: 'project list', readOnly: true }, async ({ db }) => {
      const { rows, ...rest } = await listProjects(db, filterOf(options), pageOf(options))
      return { projects: rows, ...rest }
    }),

  view: ({ projects, next, total }) => [
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'name', title: 'name' },
        { key: 'status', title: 'status' },
        { key: 'validationScore', title: 'score', minor: true },
        { key: 'userId', title: 'user', minor: true },
        { key: 'updatedAt', title: 'updated', minor: true },
        { key: 'deletedAt', title: 'deleted', minor: true },
      ],
      projects.map(project => ({ cells: wordsOf(project), ...(project.deletedAt && { tone: 'dim' }) })),
    ),
    line(footer(projects.length, next, total), 'dim'),
  ],
}

function filterOf({ user, status, search, minScore, deleted }: ProjectListOptions): ProjectFilter {
  return { userId: user, status, search, minScore, deleted }
}
