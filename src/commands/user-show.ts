import type { Command } from '../command.ts'
import { line, table } from '../output/blocks.ts'
import { facts } from '../platform/facts.ts'
import { withPlatform } from '../platform/platform.ts'
import { listProjects } from '../platform/services/project-lists.ts'
import { listActiveSessions } from '../platform/services/sessions.ts'
import { getUser, type User } from '../platform/services/users.ts'
import { findWorkspaceOf, type Workspace } from '../platform/services/workspaces.ts'
import { wordsOf } from '../platform/words-of.ts'

interface UserShowOptions {
  readonly id: string
  readonly deleted?: boolean
}

interface UserShowResult {
  readonly user: User & {
    readonly projects: Awaited<ReturnType<typeof listProjects>>['rows']
    readonly sessions: Awaited<ReturnType<typeof listActiveSessions>>['rows']
    readonly workspace: Workspace | null
  }
}

/** Of projects and of sessions, the newest. */
const NEWEST = { limit: 20 }

export const userShow: Command<UserShowOptions, UserShowResult> = {
  options(cli) {
    cli.argument('<id>', "the user's id").option('--deleted', 'also one that is deleted softly')
  },

  run: (context, { id, deleted }) =>
    withPlatform(context, { command: 'user show', readOnly: true }, async ({ db }) => {
      const user = await getUser(db, id, { deleted })
      const { rows: projects } = await listProjects(db, { userId: id }, NEWEST)
      const { rows: sessions } = await listActiveSessions(db, { userId: id }, NEWEST)
      return { user: { ...user, projects, sessions, workspace: await findWorkspaceOf(db, id) } }
    }),

  view: ({ user: { projects, sessions, workspace, metadata, ...user } }) => [
    ...facts(wordsOf(user)),
    line('Newest projects', 'strong'),
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'name', title: 'name' },
        { key: 'status', title: 'status' },
        { key: 'updatedAt', title: 'updated', minor: true },
      ],
      projects.map(project => ({ cells: wordsOf(project) })),
    ),
    line('Active sessions', 'strong'),
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'expiresAt', title: 'expires' },
        { key: 'lastActiveAt', title: 'last active', minor: true },
        { key: 'ipAddress', title: 'address', minor: true },
        { key: 'userAgent', title: 'agent', minor: true },
      ],
      sessions.map(session => ({ cells: wordsOf(session) })),
    ),
    line(workspace ? `Workspace ${workspace.id}: ${workspace.slug}` : 'No workspace.', 'dim'),
  ],
}
