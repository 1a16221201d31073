import { desc, eq, getTableColumns, sql } from 'drizzle-orm'
import { deploymentHistory, gitRepositories, workspaces } from '../schema/workspaces.ts'
import type { Db } from './db.ts'
import { conflict, found } from './failures.ts'

export type Workspace = typeof workspaces.$inferSelect
export type GitRepository = typeof gitRepositories.$inferSelect
export type Deployment = typeof deploymentHistory.$inferSelect

export type NewWorkspace = Pick<Workspace, 'userId' | 'slug' | 'name'> &
  Partial<Pick<Workspace, 'domain' | 'embedDepth'>>

/** One for each user. Throws OpsError `conflict` where the user has one, or the slug is taken. */
export async function createWorkspace(db: Db, workspace: NewWorkspace): Promise<Workspace> {
  const [made] = await db.insert(workspaces).values(workspace).onConflictDoNothing().returning()
  if (!made) throw conflict(`A workspace of user ${workspace.userId}, or one called ${workspace.slug},`)
  return made
}

/** Throws OpsError `not-found`. */
export async function getWorkspace(db: Db, id: number): Promise<Workspace> {
  return found(await db.select().from(workspaces).where(eq(workspaces.id, id)), 'workspace', id)
}

/** The one that a user has, or null. */
export async function findWorkspaceOf(db: Db, userId: string): Promise<Workspace | null> {
  const [workspace] = await db.select().from(workspaces).where(eq(workspaces.userId, userId))
  return workspace ?? null
}

/** By slug. */
export async function listWorkspaces(db: Db, { limit, offset = 0 }: { limit: number; offset?: number }) {
  return db.select().from(workspaces).orderBy(workspaces.slug).limit(limit).offset(offset)
}

/** Throws OpsError `not-found`. */
export async function updateWorkspace(
  db: Db,
  id: number,
  changes: Partial<Pick<Workspace, 'slug' | 'name' | 'domain' | 'embedDepth'>>,
): Promise<Workspace> {
  const rows = await db.update(workspaces).set(changes).where(eq(workspaces.id, id)).returning()
  return found(rows, 'workspace', id)
}

export type GitSettings = Pick<GitRepository, 'repoUrl'> &
  Partial<Pick<GitRepository, 'branch' | 'deployKey'>>

/** What may be shown of a repository: not its deploy key. */
export type Repository = Omit<GitRepository, 'deployKey'>

/** The one that a workspace is connected to, or null. */
export async function findRepository(db: Db, workspaceId: number): Promise<Repository | null> {
  const { deployKey, ...shown } = getTableColumns(gitRepositories)
  const [repository] = await db
    .select(shown)
    .from(gitRepositories)
    .where(eq(gitRepositories.workspaceId, workspaceId))
  return repository ?? null
}

/** Connects the workspace to a repository, or to another than before. */
export async function connectRepository(
  db: Db,
  workspaceId: number,
  settings: GitSettings,
): Promise<GitRepository> {
  const rows = await db
    .insert(gitRepositories)
    .values({ workspaceId, ...settings })
    .onConflictDoUpdate({
      target: gitRepositories.workspaceId,
      set: { ...settings, updatedAt: sql`now()` },
    })
    .returning()
  return found(rows, 'git repository', workspaceId)
}

/** A successful one is dated; what went wrong before is forgotten with the next. Throws OpsError `not-found`. */
export async function setSyncStatus(
  db: Db,
  workspaceId: number,
  syncStatus: GitRepository['syncStatus'],
  errorLog: string | null = null,
): Promise<GitRepository> {
  const rows = await db
    .update(gitRepositories)
    .set({ syncStatus, errorLog, ...(syncStatus === 'success' && { lastSync: sql`now()` }) })
    .where(eq(gitRepositories.workspaceId, workspaceId))
    .returning()
  return found(rows, 'git repository', workspaceId)
}

export async function recordDeployment(
  db: Db,
  deployment: Omit<typeof deploymentHistory.$inferInsert, 'id'>,
): Promise<Deployment> {
  const rows = await db.insert(deploymentHistory).values(deployment).returning()
  return found(rows, 'workspace', deployment.workspaceId)
}

/** Newest first. */
export async function listDeployments(db: Db, workspaceId: number, limit: number): Promise<Deployment[]> {
  return db
    .select()
    .from(deploymentHistory)
    .where(eq(deploymentHistory.workspaceId, workspaceId))
    .orderBy(desc(deploymentHistory.deployedAt), desc(deploymentHistory.id))
    .limit(limit)
}
