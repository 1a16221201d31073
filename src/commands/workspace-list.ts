import type { Command } from '../command.ts'
import { count, positive } from '../options.ts'
import { table } from '../output/blocks.ts'
import { withPlatform } from '../platform/platform.ts'
import { listWorkspaces, type Workspace } from '../platform/services/workspaces.ts'
import { wordsOf } from '../platform/words-of.ts'

interface WorkspaceListOptions {
  readonly limit: number
  readonly offset?: number
}

interface WorkspaceListResult {
  readonly workspaces: readonly Workspace[]
}

export const workspaceList: Command<WorkspaceListOptions, WorkspaceListResult> = {
  options(cli) {
    cli
      .option('--limit <n>', 'rows of a page', positive, 50)
      .option('--offset <n>', 'leave out so many rows', count)
  },

  run: (context, { limit, offset = 0 }) =>
    withPlatform(context, { command: 'workspace list', readOnly: true }, async ({ db }) => ({
      workspaces: await listWorkspaces(db, { limit, offset }),
    })),

  view: ({ workspaces }) => [
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'slug', title: 'slug' },
        { key: 'name', title: 'name' },
        { key: 'domain', title: 'domain', minor: true },
        { key: 'userId', title: 'user', minor: true },
        { key: 'updatedAt', title: 'updated', minor: true },
      ],
      workspaces.map(workspace => ({ cells: wordsOf(workspace) })),
    ),
  ],
}
