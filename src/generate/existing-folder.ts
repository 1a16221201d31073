import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { OpsError } from '../errors.ts'
import { type MigrationsFolder, readMigrations } from '../migrations/folder.ts'
import type { Project } from '../project/project.ts'

/** The migrations that there are; undefined before the first one. Throws OpsError `journal-missing`. */
export function existingFolder(project: Project): MigrationsFolder | undefined {
  const { out } = project
  const holds = (path: string) => existsSync(join(out, path))
  if (holds('meta') && !holds('meta/_journal.json')) throw journalGone(out)
  const names = holds('') ? readdirSync(out) : []
  const begun = holds('meta') || names.some(name => holds(join(name, 'migration.sql')))
  return begun ? readMigrations(project) : undefined
}

function journalGone(out: string): OpsError {
  return new OpsError({
    code: 'journal-missing',
    message: `${join(out, 'meta')} is there without _journal.json, so which migrations there are is unknown.`,
    hint: 'Restore the journal from git, or delete the folder if it holds no migration.',
  })
}
