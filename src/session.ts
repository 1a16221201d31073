import type { Context } from './command.ts'
import { type Database, type DatabaseOptions, withDatabase } from './database/database.ts'
import { trustsAnyCertificate } from './project/credentials.ts'
import type { Project } from './project/project.ts'
import { resolveConnection } from './project/resolve.ts'
import type { Target } from './project/target.ts'

/** Runs `work` with the target that the context and the project name; the embedded server runs for as long. */
export async function withTarget<T>(
  context: Context,
  project: Project | undefined,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const connection = await resolveConnection(context, project)
  if (connection.kind === 'embedded') {
    const { withEmbeddedServer } = await import('./database/embedded/embedded.ts')
    context.report.progress('Starting the embedded PostgreSQL server')
    return withEmbeddedServer(project?.root ?? context.cwd, server => work(server.target))
  }
  if (connection.target.source === 'dbCredentials' && trustsAnyCertificate(project)) {
    context.report.warn(
      'dbCredentials.ssl.rejectUnauthorized is false: anybody between here and the server can pose as it.',
    )
  }
  return work(connection.target)
}

/** From the project to an open working connection: what nearly every command does first. */
export async function withProjectDatabase<T>(
  context: Context,
  project: Project | undefined,
  options: DatabaseOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return withTarget(context, project, target => withDatabase(context, target, options, work))
}
