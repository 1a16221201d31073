import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { resolveConnection } from '../project/resolve.ts'

/** Lint waits for nobody: it can do without. */
const SETTINGS = { statementTimeout: 5000, lockTimeout: 1000, readOnly: true }

/**
 * What a database tells, or undefined where none is configured, none answers, or the embedded one would have to be
 * started. Whoever names one with a flag is told when nothing is there.
 */
export async function askDatabase<T>(
  context: Context,
  project: Project | undefined,
  ask: (database: Database) => Promise<T>,
): Promise<T | undefined> {
  if (!(await isConfigured(context, project))) return undefined
  const { withProjectDatabase } = await import('../session.ts')
  try {
    return await withProjectDatabase(context, project, { command: 'lint', settings: SETTINGS }, ask)
  } catch (error) {
    if (context.signal.aborted || !(error instanceof OpsError) || error.exit === 2) throw error
    context.report.warn(`${error.message} So the sizes of tables are not known.`)
    return undefined
  }
}

async function isConfigured(context: Context, project: Project | undefined): Promise<boolean> {
  const { url, urlEnv } = context.globals
  try {
    const { kind } = await resolveConnection(context, project)
    return kind === 'target' || (await isEmbeddedRunning(project?.root ?? context.cwd))
  } catch (error) {
    const isUnset = error instanceof OpsError && error.code === 'url-missing'
    if (isUnset && url === undefined && urlEnv === undefined) return false
    throw error
  }
}

async function isEmbeddedRunning(root: string): Promise<boolean> {
  const { dataDirectoryOf, findHome } = await import('../database/embedded/home.ts')
  const { findPostmaster } = await import('../database/embedded/postmaster.ts')
  const home = await findHome(root)
  const server = home && (await findPostmaster(dataDirectoryOf(home)))
  return server?.status === 'ready'
}
