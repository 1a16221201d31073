import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { Option } from 'commander'
import { compressionOf } from '../archive/compression.ts'
import type { Sink } from '../archive/write.ts'
import type { Cli, Command, Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { withArchiveFile, withStream } from '../graph/archive-file.ts'
import { type Explanation, explainExport } from '../graph/explain.ts'
import { type Exported, exportRows } from '../graph/export.ts'
import type { Cross } from '../graph/fence.ts'
import type { ExportRequest } from '../graph/prepare.ts'
import { notesOf, viewExplanation, viewExported } from '../graph/view.ts'
import { count, list, positive } from '../options.ts'
import type { Block } from '../output/blocks.ts'
import { findProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

/** The flags that `export` and `project export` share. */
export interface ExportOptions {
  readonly output?: string
  readonly where?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly depth?: number
  readonly rowLimit?: number
  readonly cross: Cross
  readonly withSecrets?: boolean
  readonly relations?: boolean
  readonly compress?: boolean
  readonly plan?: boolean
  readonly explain?: boolean
  readonly why?: string
}

interface ExportArguments extends ExportOptions {
  readonly table: string
  readonly key: readonly string[]
}

/** What was written to a file, or what would be. */
export type ExportResult =
  | (Exported & { readonly file: string; readonly bytes: number; readonly sha256: string })
  | Explanation

/** A table that is being altered is waited for, but not with everybody else waiting behind for long. */
const LOCK_TIMEOUT = 5000

export const exportArchive: Command<ExportArguments, ExportResult> = {
  options(cli) {
    cli
      .argument('<table>', 'the table of the rows to export')
      .argument('[key...]', 'their keys, of several columns as a,b; without a key or --where all rows')
    declareExport(cli)
  },

  async run(context, { table, key, ...options }) {
    return runExport(context, await findProject(context), table, key, options)
  },

  view: viewResult,
}

/** Declares {@link ExportOptions}. */
export function declareExport(cli: Cli): void {
  cli
    .option('-o, --output <file>', 'write to this file; .gz and .zst compress (default: standard output)')
    .option('--compress', 'gzip what goes to standard output, or to a file of any name')
    .option('--where <condition>', 'the rows for which this SQL is true')
    .option('--include <tables>', 'of the rows that belong to them only those of these tables', list)
    .option('--exclude <tables>', 'without the rows of these tables, and what hangs from them alone', list)
    .option('--depth <n>', 'at most so many references away from the root', count)
    .option('--row-limit <n>', 'refuse to export more rows', positive)
    .addOption(
      new Option('--cross <what>', 'what to do with rows of other roots that point to rows of this one')
        .choices(['error', 'null', 'embed', 'skip'])
        .default('error'),
    )
    .option('--with-secrets', 'keep the values of columns that hold secrets')
    .option('--relations', "follow the relations of the project's schema too, which have no foreign key")
    .option('--plan', 'show tables, references and missing indexes; export nothing')
    .option('--explain', 'show how many rows come by which references; export nothing')
    .option('--why <table=key>', 'show by which way this row comes; export nothing')
}

/** What both commands do once they know the table. */
export async function runExport(
  context: Context,
  project: Project | undefined,
  table: string,
  keys: readonly string[],
  options: ExportOptions,
): Promise<ExportResult | undefined> {
  const request = requestOf(table, keys, options)
  const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly: true }
  const { output, compress = false, plan, explain, why } = options
  return withProjectDatabase(context, project, { command: 'export', settings }, database => {
    const write = (sink: Sink) => exportRows(context, database, project, request, sink)
    if (plan || explain || why !== undefined)
      return explainExport(context, database, project, request, { counts: explain === true, why })
    return output === undefined || output === '-'
      ? toStandardOutput(context, compress, write)
      : toFile(resolve(context.cwd, output), compress, write)
  })
}

async function toFile(
  file: string,
  compress: boolean,
  write: (sink: Sink) => Promise<Exported>,
): Promise<ExportResult> {
  const named = compressionOf(file)
  const compression = named === 'none' && compress ? 'gzip' : named
  const [exported, written] = await withArchiveFile(file, compression, write)
  return { file, ...exported, ...written }
}

/** The archive is the result, so what there is to say of it goes where notes go. */
async function toStandardOutput(
  context: Context,
  compress: boolean,
  write: (sink: Sink) => Promise<Exported>,
): Promise<undefined> {
  const stream = context.output()
  try {
    const exported = await withStream(stream, compress ? 'gzip' : 'none', finished(stream), write)
    for (const note of notesOf(exported)) context.report.note(note)
  } catch (error) {
    // whoever reads has seen enough
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  return undefined
}

function requestOf(table: string, keys: readonly string[], options: ExportOptions): ExportRequest {
  const {
    where,
    include = [],
    exclude = [],
    depth,
    rowLimit,
    cross,
    withSecrets = false,
    relations = false,
  } = options
  if (where !== undefined && keys.length > 0) {
    throw new OpsError({
      code: 'usage',
      message: 'Rows are chosen by their keys or by --where, not by both.',
      hint: 'Put the keys into the condition.',
      exit: 2,
    })
  }
  const roots = where === undefined ? (keys.length > 0 ? { keys } : 'all') : { where }
  return { table, roots, include, exclude, depth, rowLimit, cross, withSecrets, relations }
}

export function viewResult(result: ExportResult): Block[] {
  return 'file' in result ? viewExported(result) : viewExplanation(result)
}
