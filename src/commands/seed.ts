import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { Command, Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { count, list, positive } from '../options.ts'
import { findProject, type Project } from '../project/project.ts'
import type { SeedOptions, SeedResult } from '../seed/seed.ts'
import { viewSeeded } from '../seed/view.ts'
import type { CopiesResult } from '../seed/written/copies.ts'
import { viewCopies, viewWritten } from '../seed/written/view.ts'
import type { WrittenResult } from '../seed/written/written.ts'
import { withProjectDatabase } from '../session.ts'

interface SeedCommandOptions {
  readonly rows: RowsAsked
  readonly scale: number
  readonly seed: string
  readonly now?: number
  readonly only: readonly string[]
  readonly exclude: readonly string[]
  readonly append?: boolean
  readonly truncate?: boolean
  readonly commitEachTable?: boolean
  readonly dryRun?: boolean
  readonly file?: string
  readonly upsert?: boolean
  readonly copies?: number
  readonly sql?: string
}

type Result = SeedResult | WrittenResult | CopiesResult

/** `--rows 100` and `--rows users=5`, as often as there are tables. */
interface RowsAsked {
  readonly all?: number
  readonly tables: Readonly<Record<string, number>>
}

const DAY = 86_400_000
const ARCHIVE = /\.ndjson(\.gz|\.zst)?$/i

export const seed: Command<SeedCommandOptions, Result> = {
  options(cli) {
    cli
      .argument(
        '[file]',
        'a seed of your own, .ts, .js, .sql or .json, or an archive that export has written',
      )
      .option('--rows <n>', 'rows of each table, or of one: --rows users=50 (repeatable)', rowsAsked, {
        tables: {},
      })
      .option('--scale <factor>', 'so many times the usual number of rows', factor, 1)
      .option('--seed <word>', 'the same word makes the same rows', '1')
      .option('--now <instant>', 'what the rows take for the present (default: today, 00:00 UTC)', instant)
      .option('--only <tables>', 'these tables only; a star stands for any characters', list, [])
      .option('--exclude <tables>', 'not these tables', list, [])
      .option('--append', 'add to tables that have rows')
      .option('--truncate', 'empty the tables first, and all that point to them')
      .option('--commit-each-table', 'keep what is done when a later table fails')
      .option('--upsert', 'of a .json file: bring rows that stand already up to date')
      .option('--copies <n>', 'of an archive: so many copies with ids of their own', positive)
      .option('--sql <file>', 'write what would be done as a script for psql')
      .option('--dry-run', 'show counts, order and some rows')
  },

  async run(context, options) {
    const project = await findProject(context)
    const file = fileOf(context, project, options)
    const dryRun = options.dryRun === true
    const { statementTimeout = 0, lockTimeout = 5000 } = context.globals
    // a file of the user's own is rehearsed, which writes; nothing but the catalog is asked for rows that are made up
    const readOnly = file === undefined && (dryRun || options.sql !== undefined)
    const settings = { statementTimeout, lockTimeout, readOnly }
    return withProjectDatabase(context, project, { command: 'seed', settings }, async database => {
      if (file === undefined) {
        const { seedTables } = await import('../seed/seed.ts')
        return seedTables(context, database, project, generating(context, project, options))
      }
      const { seed, copies = 1, upsert = false } = options
      if (ARCHIVE.test(file)) {
        const { seedCopies } = await import('../seed/written/copies.ts')
        return seedCopies(context, database, project, { file, copies, seed, dryRun })
      }
      const { runWritten } = await import('../seed/written/written.ts')
      return runWritten(context, database, project, { file, seed, now: nowOf(options), upsert, dryRun })
    })
  },

  view: result =>
    'truncated' in result
      ? viewSeeded(result)
      : 'copies' in result
        ? viewCopies(result)
        : viewWritten(result),
}

/** The file of the user's own that is meant: that of the config too, unless a flag speaks of made-up rows. */
function fileOf(
  context: Context,
  project: Project | undefined,
  options: SeedCommandOptions,
): string | undefined {
  const { rows, only, exclude, append, truncate, sql, commitEachTable, upsert, copies } = options
  const generates =
    rows.all !== undefined ||
    Object.keys(rows.tables).length > 0 ||
    only.length > 0 ||
    exclude.length > 0 ||
    append ||
    truncate ||
    commitEachTable ||
    sql !== undefined ||
    options.scale !== 1
  if (options.file !== undefined) {
    if (generates)
      throw misplaced(
        '--rows, --scale, --only, --exclude, --append, --truncate, --sql and --commit-each-table are for made-up rows',
        'Leave them out, or leave the file out.',
      )
    if (copies !== undefined && !ARCHIVE.test(options.file))
      throw misplaced('--copies is for archives', 'Leave it out.')
    if (upsert && !options.file.endsWith('.json'))
      throw misplaced('--upsert is for .json files', 'Leave it out.')
    return resolve(context.cwd, options.file)
  }
  const configured = project?.ops.seed?.file
  if (configured !== undefined && !generates) return resolve(project?.root ?? context.cwd, configured)
  if (upsert || copies !== undefined) throw misplaced('--upsert and --copies are for files', 'Name the file.')
  return undefined
}

function misplaced(message: string, hint: string): OpsError {
  return new OpsError({ code: 'usage', message: `${message}.`, hint, exit: 2 })
}

function generating(
  context: Context,
  project: Project | undefined,
  options: SeedCommandOptions,
): SeedOptions {
  const { seed, only, exclude, rows, scale, truncate, append } = options
  const adds = append || context.globals.allow.includes('non-empty')
  return {
    seed,
    only,
    exclude,
    now: nowOf(options),
    counts: { all: rows.all, tables: { ...project?.ops.seed?.rows, ...rows.tables }, scale },
    mode: truncate ? 'truncate' : adds ? 'append' : 'refuse',
    commitEachTable: options.commitEachTable === true,
    dryRun: options.dryRun === true,
    ...(options.sql !== undefined && { sql: resolve(context.cwd, options.sql) }),
  }
}

function nowOf({ now }: SeedCommandOptions): number {
  return now ?? Math.floor(Date.now() / DAY) * DAY
}

function rowsAsked(text: string, { all, tables }: RowsAsked): RowsAsked {
  const at = text.lastIndexOf('=')
  if (at < 0) return { all: count(text), tables }
  const named = { ...tables, [text.slice(0, at)]: count(text.slice(at + 1)) }
  return all === undefined ? { tables: named } : { all, tables: named }
}

function factor(text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new InvalidArgumentError('Write a number above 0, such as 0.5 or 10.')
  return number
}

function instant(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Write an instant: 2026-01-31 or 2026-01-31T12:00:00Z.')
  return ms
}
