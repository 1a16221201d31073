import { extname, relative } from 'node:path'
import type { TableWrites } from '../../catalog/transaction-writes.ts'
import type { Context } from '../../command.ts'
import { askConsentOn } from '../../consent.ts'
import type { Database } from '../../database/database.ts'
import { OpsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'

export interface WrittenOptions {
  /** Absolute. */
  readonly file: string
  /** What `faker` and `rng` of a module follow from. */
  readonly seed: string
  /** Milliseconds since 1970: what faker takes for the present. */
  readonly now: number
  /** Whether rows of a .json file that stand already become what the file says. */
  readonly upsert: boolean
  readonly dryRun: boolean
}

export interface WrittenResult {
  readonly dryRun: boolean
  readonly seed: string
  readonly file: string
  /** What the file changed; a run that found everything in place changed nothing. */
  readonly tables: readonly TableWrites[]
  /** Rows of a .json file that stand already and differ; they stay as they are without `--upsert`. */
  readonly differing: number
  readonly ms: number
}

/** What a run of any kind of file tells. */
export interface Written {
  readonly tables: readonly TableWrites[]
  readonly differing?: number
}

type Runner = (database: Database, options: WrittenOptions, env: NodeJS.ProcessEnv) => Promise<Written>

const ofModule = async () => (await import('./module.ts')).runModule

/** Each loads what it needs: a module faker and Drizzle, a script the parser. */
const RUNNERS: Readonly<Record<string, () => Promise<Runner>>> = {
  '.sql': async () => (await import('./script.ts')).runScript,
  '.json': async () => (await import('./rows.ts')).upsertRows,
  '.ts': ofModule,
  '.mts': ofModule,
  '.cts': ofModule,
  '.js': ofModule,
  '.mjs': ofModule,
  '.cjs': ofModule,
}

/**
 * Runs a seed of the user's own: all of it in one transaction, or nothing. Throws OpsError `seed-file`, exit 2, for a
 * file of another kind; `seed-failed` with the file and the line where it fails.
 */
export async function runWritten(
  context: Context,
  database: Database,
  project: Project | undefined,
  options: WrittenOptions,
): Promise<WrittenResult> {
  const { file, dryRun, seed } = options
  const shown = relative(context.cwd, file)
  const load = RUNNERS[extname(file).toLowerCase()]
  if (!load) throw otherKind(shown)
  if (!dryRun)
    await askConsentOn(
      context,
      project?.ops ?? {},
      database.identity,
      `This runs ${shown} and keeps what it writes.`,
    )
  const started = performance.now()
  context.report.progress(`Running ${shown}`)
  const run = await load()
  const { tables, differing = 0 } = await run(database, options, context.env)
  return { dryRun, seed, file: shown, tables, differing, ms: performance.now() - started }
}

function otherKind(file: string): OpsError {
  return new OpsError({
    code: 'seed-file',
    message: `${file} is no kind of seed.`,
    hint: 'A seed is a .ts or .js module, a .sql script, a .json file of rows by table, or an archive that export has written.',
    exit: 2,
  })
}
