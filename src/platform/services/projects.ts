import { and, eq, isNull, sql } from 'drizzle-orm'
import { conversations, messages } from '../schema/conversations.ts'
import { agentStates, type CollectedData, projectFiles, projects } from '../schema/projects.ts'
import { type Actor, audited } from './audit.ts'
import type { Db } from './db.ts'
import { found, notFound, notOwner } from './failures.ts'
import { getUser } from './users.ts'

export type Project = typeof projects.$inferSelect
export type ProjectStatus = Project['status']

/** What is deleted softly is hidden unless asked for. */
export interface Visibility {
  readonly deleted?: boolean | undefined
}

export function visible({ deleted }: Visibility) {
  return deleted ? undefined : isNull(projects.deletedAt)
}

/** Throws OpsError `not-found`. */
export async function getProject(db: Db, id: string, visibility: Visibility = {}): Promise<Project> {
  const rows = await db
    .select()
    .from(projects)
    .where(and(eq(projects.id, id), visible(visibility)))
  return found(rows, 'project', id)
}

/** The project and its files, in one statement; the files without their content. */
export async function getProjectWithFiles(db: Db, id: string, { deleted }: Visibility = {}) {
  const project = await db.query.projects.findFirst({
    where: (table, operators) =>
      operators.and(operators.eq(table.id, id), deleted ? undefined : operators.isNull(table.deletedAt)),
    with: {
      files: {
        columns: { id: true, path: true, updatedAt: true },
        extras: { bytes: sql<number>`octet_length(${projectFiles.content})`.as('bytes') },
        orderBy: (file, { asc }) => asc(file.path),
      },
    },
  })
  if (!project) throw notFound('project', id)
  return project
}

/** The project and the newest of its conversations with all messages, oldest first. */
export async function getProjectWithLatestConversation(db: Db, id: string, visibility: Visibility = {}) {
  const project = await getProject(db, id, visibility)
  const conversation = await db.query.conversations.findFirst({
    where: (table, operators) => operators.eq(table.projectId, id),
    orderBy: (table, operators) => [operators.desc(table.createdAt), operators.desc(table.id)],
    with: {
      messages: {
        columns: { id: true, role: true, content: true, createdAt: true },
        orderBy: (message, { asc }) => [asc(message.createdAt), asc(message.id)],
      },
    },
  })
  return { ...project, conversation: conversation ?? null }
}

export interface NewProject {
  readonly userId: string
  readonly name: string
  readonly description: string
  readonly collectedData?: CollectedData
}

/** The first thing that is said in every project. */
const GREETING = 'Describe what you would like to build.'

/** A project with its agent state and a first conversation: all of them or nothing. */
export async function createProject(db: Db, project: NewProject, by: Actor = {}): Promise<Project> {
  return audited(
    db,
    by,
    async tx => {
      const made = found(await tx.insert(projects).values(project).returning(), 'project', project.name)
      await tx.insert(agentStates).values({ projectId: made.id })
      const [conversation] = await tx
        .insert(conversations)
        .values({ projectId: made.id, title: project.name })
        .returning({ id: conversations.id })
      await tx
        .insert(messages)
        .values({ conversationId: conversation?.id ?? '', role: 'system', content: GREETING })
      return made
    },
    ({ id, name, userId }) => ({
      action: 'create',
      table: 'projects',
      record: id,
      projectId: id,
      changes: { name, userId },
    }),
  )
}

export type ProjectChanges = Partial<Pick<Project, 'name' | 'description' | 'collectedData' | 'sandboxId'>>

/** Throws OpsError `not-found`, also for what is deleted softly. */
export async function updateProject(db: Db, id: string, changes: ProjectChanges): Promise<Project> {
  return change(db, id, changes)
}

export async function setPreviewUrl(db: Db, id: string, previewUrl: string | null): Promise<Project> {
  return change(db, id, { previewUrl })
}

export async function setProjectStatus(
  db: Db,
  id: string,
  status: ProjectStatus,
  by: Actor = {},
): Promise<Project> {
  return audited(
    db,
    by,
    tx => change(tx, id, { status }),
    () => ({ action: 'status', table: 'projects', record: id, projectId: id, changes: { status } }),
  )
}

async function change(
  db: Db,
  id: string,
  changes: ProjectChanges & Partial<Pick<Project, 'status' | 'previewUrl' | 'userId'>>,
): Promise<Project> {
  const rows = await db
    .update(projects)
    .set(changes)
    .where(and(eq(projects.id, id), isNull(projects.deletedAt)))
    .returning()
  return found(rows, 'project', id)
}

export interface Transfer {
  readonly from: string
  readonly to: string
}

/** Gives a project to another user. Throws OpsError `not-owner`, or `not-found` for the project or the user. */
export async function transferProject(
  db: Db,
  id: string,
  { from, to }: Transfer,
  by: Actor = {},
): Promise<Project> {
  return audited(
    db,
    by,
    async tx => {
      // another transfer may be under way
      const rows = await tx
        .select({ owner: projects.userId })
        .from(projects)
        .where(and(eq(projects.id, id), isNull(projects.deletedAt)))
        .for('update')
      if (found(rows, 'project', id).owner !== from) throw notOwner(id, from)
      await getUser(tx, to)
      return change(tx, id, { userId: to })
    },
    () => ({ action: 'transfer', table: 'projects', record: id, projectId: id, changes: { from, to } }),
  )
}
