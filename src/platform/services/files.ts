import { and, asc, eq, sql } from 'drizzle-orm'
import { projectFiles } from '../schema/projects.ts'
import type { Db } from './db.ts'
import { found } from './failures.ts'

export interface FileText {
  readonly path: string
  readonly content: string
}

/** Rows in one statement: enough to make round trips cheap, few enough to keep a statement's memory small. */
const BATCH = 1000

/** Without their content, which may be megabytes. */
export async function listFiles(db: Db, projectId: string) {
  return db
    .select({
      id: projectFiles.id,
      path: projectFiles.path,
      bytes: sql<number>`octet_length(${projectFiles.content})`,
      updatedAt: projectFiles.updatedAt,
    })
    .from(projectFiles)
    .where(eq(projectFiles.projectId, projectId))
    .orderBy(asc(projectFiles.path))
}

/** Throws OpsError `not-found`. */
export async function getFile(db: Db, projectId: string, path: string) {
  const rows = await db
    .select()
    .from(projectFiles)
    .where(and(eq(projectFiles.projectId, projectId), eq(projectFiles.path, path)))
  return found(rows, 'file', path)
}

export async function upsertFile(db: Db, projectId: string, file: FileText): Promise<void> {
  await upsertFiles(db, projectId, [file])
}

/**
 * Writes all files in one transaction. Of a path that comes twice the last stays; a file that stands there with the
 * same content is left alone, so its `updated_at` stays. Two parameters a statement, however many files.
 */
export async function upsertFiles(db: Db, projectId: string, files: readonly FileText[]): Promise<void> {
  const distinct = [...new Map(files.map(file => [file.path, file])).values()]
    // the same order for everybody: two who write the same files wait for each other instead of deadlocking
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  await db.transaction(async tx => {
    for (let start = 0; start < distinct.length; start += BATCH) {
      const batch = JSON.stringify(distinct.slice(start, start + BATCH))
      await tx.execute(sql`
        insert into ${projectFiles} (project_id, path, content)
        select ${projectId}::uuid, path, content
        from json_to_recordset(${batch}::json) as file(path text, content text)
        on conflict (project_id, path) do update set content = excluded.content, updated_at = now()
        where ${projectFiles.content} is distinct from excluded.content`)
    }
  })
}

/** Throws OpsError `not-found`. */
export async function deleteFile(db: Db, projectId: string, path: string): Promise<void> {
  const rows = await db
    .delete(projectFiles)
    .where(and(eq(projectFiles.projectId, projectId), eq(projectFiles.path, path)))
    .returning({ id: projectFiles.id })
  found(rows, 'file', path)
}

/** Deletes all files of a project and says how many there were. */
export async function deleteFiles(db: Db, projectId: string): Promise<number> {
  const gone = db
    .$with('gone')
    .as(
      db.delete(projectFiles).where(eq(projectFiles.projectId, projectId)).returning({ id: projectFiles.id }),
    )
  const [row] = await db.with(gone).select({ files: sql<number>`count(*)::int` }).from(gone)
  return row?.files ?? 0
}
