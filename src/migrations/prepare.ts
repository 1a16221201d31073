import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import type { HistoryShape } from './history.ts'
import type { Inspection } from './inspect.ts'
import { createHistory, shapeOf } from './record.ts'
import { upgradeHistory } from './upgrade.ts'

/**
 * Makes the history table, or turns a 0.x one into 1.0's where the files are 1.0's. Gives the shape that it
 * has then. Runs under the lock, in the caller's transaction.
 */
export async function prepareHistory(
  database: Database,
  project: Project,
  { history, folder }: Inspection,
): Promise<HistoryShape> {
  if (history.shape === 'none') {
    await createHistory(database, project.migrationsTable, folder.layout, history.schemaExists)
    return shapeOf(folder.layout)
  }
  if (history.shape === '0.x' && folder.layout === 'folders') {
    await upgradeHistory(database, project.migrationsTable, history.rows, folder.migrations)
    return '1.0'
  }
  return history.shape
}
