import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { type MigrationsFolder, readMigrations } from './folder.ts'
import { type History, readHistory } from './history.ts'
import { type Judged, judge } from './state.ts'

/** Files and history side by side. */
export interface Inspection {
  readonly folder: MigrationsFolder
  readonly history: History
  readonly judged: readonly Judged[]
}

/** Where the database stands. Reads only, and works before the first migration. */
export async function inspect(database: Database, project: Project): Promise<Inspection> {
  const folder = readMigrations(project)
  return compare(database, project, folder)
}

/** The same with files that were read before: for looking again under the lock. */
export async function compare(
  database: Database,
  project: Project,
  folder: MigrationsFolder,
): Promise<Inspection> {
  const history = await readHistory(database, project.migrationsTable)
  return { folder, history, judged: judge(folder, history, Date.now()) }
}
