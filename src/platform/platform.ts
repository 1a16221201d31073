import { userInfo } from 'node:os'
import { columnsOf } from '../catalog/columns-of-tables.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { drizzleOn } from '../database/drizzle.ts'
import { OpsError } from '../errors.ts'
import { openProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import * as schema from './schema/index.ts'
import type { Actor } from './services/audit.ts'
import type { Db } from './services/db.ts'
import { expectedColumns } from './tables.ts'

/** The platform's database, and who is at work on it. */
export interface Platform {
  readonly db: Db
  readonly database: Database
  readonly project: Project
  readonly by: Actor
}

export interface PlatformOptions {
  /** The command's name, which its audit rows bear. */
  readonly command: string
  readonly readOnly?: boolean
}

/**
 * Opens the platform's database. Throws OpsError, exit 2: `not-platform` in a project that is another's, and
 * `not-platform-database` where the tables are not the platform's.
 */
export async function withPlatform<T>(
  context: Context,
  { command, readOnly = false }: PlatformOptions,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const project = await openProject(context)
  if (project.ops.platform !== true) throw notPlatform(project.configFile)
  const { statementTimeout = 0, lockTimeout = 5000 } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly }
  return withProjectDatabase(context, project, { command, settings }, async database => {
    await checkTables(database)
    const by = { operator: userInfo().username, command }
    return work({ db: drizzleOn(database, schema), database, project, by })
  })
}

async function checkTables(database: Database): Promise<void> {
  const there = await columnsOf(database, 'public')
  const missing = expectedColumns(schema).find(column => !there.has(column))
  if (missing === undefined) return
  throw new OpsError({
    code: 'not-platform-database',
    message: `${database.identity.name} has no ${missing}, so it is not the platform's database, or not up to date.`,
    hint: 'See where it stands: drizzle-ops status. Another database is named with --url.',
    exit: 2,
  })
}

function notPlatform(configFile: string): OpsError {
  return new OpsError({
    code: 'not-platform',
    message: `This command administers the platform that drizzle-ops ships with, and ${configFile} is another project's.`,
    hint: 'The platform says so itself, with ops.platform: true in its drizzle config.',
    exit: 2,
  })
}
