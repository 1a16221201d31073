import type { Command } from '../command.ts'
import { count } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { facts } from '../platform/facts.ts'
import { withPlatform } from '../platform/platform.ts'
import { pageTrees, type TreeNode } from '../platform/services/nodes.ts'
import {
  type Deployment,
  findRepository,
  getWorkspace,
  listDeployments,
  type Repository,
  type Workspace,
} from '../platform/services/workspaces.ts'
import { wordsOf } from '../platform/words-of.ts'

interface WorkspaceShowOptions {
  readonly id: number
  readonly depth: number
}

interface WorkspaceShowResult {
  readonly workspace: Workspace & {
    readonly repository: Repository | null
    /** Each followed by what hangs from it. */
    readonly pages: readonly TreeNode[]
    readonly deployments: readonly Deployment[]
  }
}

/** The newest. */
const DEPLOYMENTS = 10

export const workspaceShow: Command<WorkspaceShowOptions, WorkspaceShowResult> = {
  options(cli) {
    cli
      .argument('<id>', "the workspace's id", count)
      .option('--depth <n>', 'levels of blocks below each page', count, 2)
  },

  run: (context, { id, depth }) =>
    withPlatform(context, { command: 'workspace show', readOnly: true }, async ({ db }) => {
      const workspace = await getWorkspace(db, id)
      return {
        workspace: {
          ...workspace,
          repository: await findRepository(db, id),
          pages: await pageTrees(db, id, depth),
          deployments: await listDeployments(db, id, DEPLOYMENTS),
        },
      }
    }),

  view: ({ workspace: { repository, pages, deployments, ...workspace } }) => [
    ...facts(wordsOf(workspace)),
    ...(repository ? [line('Git repository', 'strong'), ...facts(wordsOf(repository))] : []),
    line(`Pages (${pages.filter(({ depth }) => depth === 0).length})`, 'strong'),
    ...pages.map(branch),
    line('Newest deployments', 'strong'),
    table(
      [
        { key: 'commitSha', title: 'commit' },
        { key: 'status', title: 'status' },
        { key: 'deployedAt', title: 'deployed' },
        { key: 'errorLog', title: 'error' },
      ],
      deployments.map(deployment => ({ cells: wordsOf(deployment) })),
    ),
  ],
}

function branch({ title, depth }: TreeNode): Block {
  return line(`${'  '.repeat(depth)}${depth === 0 ? '' : '└ '}${title}`)
}
