import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { inspect } from './inspect.ts'
import { isUpToDate } from './state.ts'
import type { Outcome } from './work.ts'

/** What `migrate` would find, with nothing applied: everything that is not as it should be counts as pending. */
export async function checkMigrations(
  database: Database,
  project: Project,
): Promise<Outcome & { readonly upToDate: boolean }> {
  const states = (await inspect(database, project)).judged.map(({ state }) => state)
  const upToDate = isUpToDate(states)
  const done = states.filter(({ state }) => state === 'applied' || state === 'restamped')
  const open = states.filter(({ state }) => state !== 'applied' && state !== 'restamped')
  return {
    applied: [],
    pending: upToDate ? [] : open.map(({ name }) => name),
    alreadyApplied: done.length,
    current: done.at(-1)?.name ?? null,
    upToDate,
  }
}
