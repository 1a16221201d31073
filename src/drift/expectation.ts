import type { Context } from '../command.ts'
import { type Database, withDatabase } from '../database/database.ts'
import { withLock } from '../database/lock.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import { applyMigration, readMigrationScript } from '../migrations/apply.ts'
import type { Inspection } from '../migrations/inspect.ts'
import { migrationLock } from '../migrations/lock.ts'
import { prepareHistory } from '../migrations/prepare.ts'
import type { Project } from '../project/project.ts'
import type { Target } from '../project/target.ts'
import { withinDatabase } from './beyond.ts'
import { type Renamed, withFoundNames } from './names.ts'
import { isUnknown, type Live, type ScratchKind, type Unknown, withScratch } from './scratch/scratch.ts'
import type { Side, SideOptions } from './side.ts'

/** What the migrations that have been applied make of an empty database. */
export interface Expectation extends Renamed {
  readonly scratch: ScratchKind
}

/** What was found in the live database, and what of it counts. */
export interface Found {
  readonly side: Side
  readonly options: SideOptions
}

const SETTINGS = { statementTimeout: 0, lockTimeout: 0, readOnly: false }

/** Applies to a scratch database what has been applied to the live one, and reads what came of it, by the live one's names. */
export async function expectationOf(
  context: Context,
  project: Project,
  live: Live,
  seen: Inspection,
  found: Found,
  shadow: Target | undefined,
): Promise<Expectation | Unknown> {
  const gone = seen.judged.find(({ state }) => state.state === 'missing' && state.note === null)
  if (gone)
    return {
      reason: `The file of ${gone.state.name} is gone, so what it made is unknown.`,
      hint: 'Restore the file from git; drizzle-ops status tells more.',
    }
  const quiet = inSilence(context)
  context.report.progress('Building what the migrations make in a scratch database')
  return withScratch(quiet, project, live, shadow, async scratch => {
    const options = { command: 'drift scratch', settings: SETTINGS }
    const built = await withDatabase(
      quiet,
      scratch.target,
      options,
      async database =>
        (await applied(quiet, database, project, seen)) ??
        (await withFoundNames(database, found.side, found.options)),
    )
    return isUnknown(built) ? built : { ...built, scratch: scratch.kind }
  })
}

/** What it does to the scratch database is nobody's news, and the live one is the document's. */
function inSilence(context: Context): Context {
  return {
    ...context,
    report: { ...context.report, note: () => {}, progress: () => {} },
    event: () => {},
    reached: () => {},
  }
}

/** Applies the files; the reason where one does not run. The project's hooks do not run. */
async function applied(
  context: Context,
  database: Database,
  project: Project,
  { folder, judged }: Inspection,
): Promise<Unknown | undefined> {
  const migrations = judged.flatMap(({ migration, row }) => (migration && row ? [migration] : []))
  const scripts = await withinDatabase(migrations.map(readMigrationScript))
  const key = migrationLock(project)
  const wait = { limit: 0, signal: context.signal, waiting: () => {} }
  return withLock(database, key, wait, async () => {
    const { schema } = project.migrationsTable
    const history = { shape: 'none', schemaExists: schema === 'public', rows: [] } as const
    const shape = await withTransaction(database, 'BEGIN', () =>
      prepareHistory(database, project, { folder, history, judged: [] }),
    )
    const run = {
      context,
      database,
      project,
      shape,
      layout: folder.layout,
      hooks: {},
      lock: key,
      withoutHistory: false,
      newest: folder.migrations.at(-1)?.name ?? '',
      lockWait: 0,
    }
    for (const script of scripts) {
      try {
        await applyMigration(run, script)
      } catch (error) {
        return failed(context, database, script.migration.name, error)
      }
    }
    return undefined
  })
}

function failed({ signal }: Context, { identity }: Database, name: string, thrown: unknown): Unknown {
  const error = explain(thrown, identity)
  if (signal.aborted || !(error instanceof OpsError) || error.exit === 3) throw error
  return {
    reason: `${name} does not run on an empty database: ${error.message}`,
    hint: 'Give an empty database with --shadow-url that has what it needs, such as extensions and roles.',
  }
}
