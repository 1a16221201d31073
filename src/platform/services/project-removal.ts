import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { projects } from '../schema/projects.ts'
import { type Actor, audited } from './audit.ts'
import type { Db } from './db.ts'
import { found } from './failures.ts'
import type { Project } from './projects.ts'

/** Hides a project; `restoreProject` shows it again. */
export async function deleteProject(db: Db, id: string, by: Actor = {}): Promise<Project> {
  return hide(db, id, by, 'delete')
}

/** Throws OpsError `not-found` for a project that is not deleted. */
export async function restoreProject(db: Db, id: string, by: Actor = {}): Promise<Project> {
  return hide(db, id, by, 'restore')
}

async function hide(db: Db, id: string, by: Actor, action: 'delete' | 'restore'): Promise<Project> {
  const [deletedAt, before] =
    action === 'delete' ? [sql`now()`, isNull(projects.deletedAt)] : [null, isNotNull(projects.deletedAt)]
  return audited(
    db,
    by,
    async tx => {
      const rows = await tx
        .update(projects)
        .set({ deletedAt })
        .where(and(eq(projects.id, id), before))
        .returning()
      return found(rows, 'project', id)
    },
    () => ({ action, table: 'projects', record: id, projectId: id }),
  )
}

/** Deletes a project for good, with everything that hangs from it. Its audit rows stay, without it. */
export async function destroyProject(db: Db, id: string, by: Actor = {}): Promise<Project> {
  return audited(
    db,
    by,
    async tx => found(await tx.delete(projects).where(eq(projects.id, id)).returning(), 'project', id),
    ({ name, userId }) => ({
      action: 'destroy',
      table: 'projects',
      record: id,
      changes: { name, userId },
    }),
  )
}
