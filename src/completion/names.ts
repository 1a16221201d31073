import type { Context } from '../command.ts'
import { readMigrations } from '../migrations/folder.ts'
import { newestSnapshot, objectsOf } from '../migrations/snapshot.ts'
import { openProject, type Project } from '../project/project.ts'
import type { Candidate, NameKind } from './candidates.ts'

/** Names from the project's files. A database is not asked: nobody waits for one at a keystroke. */
export async function namesIn(context: Context, kind: NameKind): Promise<readonly Candidate[]> {
  try {
    return NAMES[kind](await openProject(context))
  } catch {
    // nothing may be told at a keystroke, so what is wrong with the project is another command's to say
    return []
  }
}

const NAMES: Readonly<Record<NameKind, (project: Project) => readonly Candidate[]>> = {
  migration: project =>
    readMigrations(project).migrations.map(({ name }) => ({ word: name, description: 'migration' })),
  table: project => {
    const folder = readMigrations(project)
    const snapshot = newestSnapshot(folder, folder.migrations)
    return (snapshot ? objectsOf(snapshot) : [])
      .filter(({ kind }) => kind === 'table')
      .map(({ schema, name }) => ({
        word: schema === 'public' ? name : `${schema}.${name}`,
        description: 'table',
      }))
  },
}
