import type { Context } from '../../src/command.ts'
import type { Database } from '../../src/database/database.ts'
import type { SessionSettings } from '../../src/database/settings.ts'
import { type PlanLimits, planMigrations } from '../../src/migrations/plan.ts'
import { rehearseMigrations } from '../../src/migrations/rehearse.ts'
import { openProject, type Project } from '../../src/project/project.ts'
import { withProjectDatabase } from '../../src/session.ts'
import { contextWith } from './context.ts'
import type { TestDatabase } from './databases.ts'
import type { TestProject } from './project.ts'

interface Options extends Partial<PlanLimits>, Partial<SessionSettings> {
  readonly lockWait?: number
}

/** The plan of a project's pending migrations, made by a session that cannot write. */
export function plan(project: TestProject, database: Pick<TestDatabase, 'url'>, options: Options = {}) {
  return within(project, database, { readOnly: true, ...options }, (context, connection, opened) =>
    planMigrations(context, connection, opened, { allow: [], transaction: 'file', ...options }),
  )
}

/** Their rehearsal. */
export function rehearse(project: TestProject, database: Pick<TestDatabase, 'url'>, options: Options = {}) {
  return within(project, database, options, (context, connection, opened) =>
    rehearseMigrations(context, connection, opened, {
      allow: [],
      transaction: 'file',
      lockWait: 0,
      ...options,
    }),
  )
}

/** A session of the program's own kind. */
export function connected<T>(
  { url }: Pick<TestDatabase, 'url'>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: true }
  return withProjectDatabase(
    contextWith({ globals: { url } }),
    undefined,
    { command: 'test', settings },
    work,
  )
}

async function within<T>(
  { root }: TestProject,
  { url }: Pick<TestDatabase, 'url'>,
  { statementTimeout = 0, lockTimeout = 300, readOnly = false }: Partial<SessionSettings>,
  work: (context: Context, database: Database, project: Project) => Promise<T>,
): Promise<T> {
  const context = contextWith({ cwd: root, globals: { url } })
  const project = await openProject(context)
  const settings = { statementTimeout, lockTimeout, readOnly }
  return withProjectDatabase(context, project, { command: 'migrate', settings }, database =>
    work(context, database, project),
  )
}

/** `AccessExclusiveLock public.users`, in the order of pg_locks' names. */
export function lockNames(locks: readonly { readonly mode: string; readonly relation: string }[]): string[] {
  return locks.map(({ mode, relation }) => `${mode} ${relation}`).sort()
}
