import type { CommandEntry } from '../command.ts'

/** The administration of the platform that drizzle-ops ships with. */
export const platformEntries: readonly CommandEntry[] = [
  {
    name: 'project list',
    summary: 'projects, newest first',
    load: async () => (await import('./project-list.ts')).projectList,
  },
  {
    name: 'project show',
    summary: 'a project with its files, agent phases and latest conversation',
    load: async () => (await import('./project-show.ts')).projectShow,
  },
  {
    name: 'project create',
    summary: 'make a project with its agent state and a first conversation',
    load: async () => (await import('./project-create.ts')).projectCreate,
  },
  {
    name: 'project status',
    summary: "set a project's status",
    load: async () => (await import('./project-status.ts')).projectStatusCommand,
  },
  {
    name: 'project transfer',
    summary: 'give a project to another user',
    load: async () => (await import('./project-transfer.ts')).projectTransfer,
  },
  {
    name: 'project delete',
    summary: 'hide a project, or delete it for good',
    load: async () => (await import('./project-delete.ts')).projectDelete,
  },
  {
    name: 'project restore',
    summary: 'take the hiding of a project back',
    load: async () => (await import('./project-restore.ts')).projectRestore,
  },
  {
    name: 'project export',
    summary: 'write projects and everything that hangs from them to an archive',
    load: async () => (await import('./project-export.ts')).projectExport,
  },
  {
    name: 'project import',
    summary: 'bring an archive of projects into this database, all of it or nothing',
    load: async () => (await import('./project-import.ts')).projectImport,
  },
  {
    name: 'user list',
    summary: 'users, newest first',
    load: async () => (await import('./user-list.ts')).userList,
  },
  {
    name: 'user show',
    summary: 'a user with their projects and active sessions',
    load: async () => (await import('./user-show.ts')).userShow,
  },
  {
    name: 'user create',
    summary: 'make a user',
    load: async () => (await import('./user-create.ts')).userCreate,
  },
  {
    name: 'user delete',
    summary: 'hide a user, or delete them for good',
    load: async () => (await import('./user-delete.ts')).userDelete,
  },
  {
    name: 'user restore',
    summary: 'take the hiding of a user back',
    load: async () => (await import('./user-restore.ts')).userRestore,
  },
  {
    name: 'session list',
    summary: 'active sessions, newest first',
    load: async () => (await import('./session-list.ts')).sessionList,
  },
  {
    name: 'session revoke',
    summary: 'revoke a session, or all of a user',
    load: async () => (await import('./session-revoke.ts')).sessionRevoke,
  },
  {
    name: 'session purge',
    summary: 'delete expired sessions',
    load: async () => (await import('./session-purge.ts')).sessionPurge,
  },
  {
    name: 'workspace list',
    summary: 'workspaces by name',
    load: async () => (await import('./workspace-list.ts')).workspaceList,
  },
  {
    name: 'workspace show',
    summary: 'a workspace with its page tree, repository and deployments',
    load: async () => (await import('./workspace-show.ts')).workspaceShow,
  },
]
