import { resolve } from 'node:path'
import { Option } from 'commander'
import { withArchive } from '../archive/read.ts'
import type { Cli, Command, Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { type Imported, type ImportRequest, importArchive, type Prepared } from '../load/import.ts'
import type { Policy } from '../load/state.ts'
import { viewImported } from '../load/view.ts'
import { size } from '../options.ts'
import { findProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

/** The flags that `import` and `project import` share. */
export interface ImportOptions {
  readonly file: string
  readonly onConflict: Policy
  readonly newIds?: string | true
  readonly owner?: string
  readonly set?: readonly string[]
  readonly unique: 'suffix' | 'error'
  readonly triggers: boolean
  readonly ids?: boolean
  readonly relations?: boolean
  readonly dryRun?: boolean
  readonly maxSize: number
}

export interface ImportResult extends Imported {
  readonly dryRun: boolean
}

/** As in export: what is being altered is waited for, but not with everybody else waiting behind for long. */
const LOCK_TIMEOUT = 5000
/** A thousandth of what a hostile gigabyte of gzip can unpack to. */
const MAX_SIZE = '16GB'

export const importCommand: Command<ImportOptions, ImportResult> = {
  options: declareImport,

  async run(context, options) {
    const project = await findProject(context)
    return runImport(context, project, options, () => {})
  },

  view: viewImported,
}

/** Declares {@link ImportOptions}. */
export function declareImport(cli: Cli): void {
  cli
    .argument('<file>', 'an archive that export has written; - reads standard input')
    .addOption(
      new Option('--on-conflict <what>', 'what to do with rows that this database has already')
        .choices(['error', 'skip', 'update'])
        .default('error'),
    )
    .option('--new-ids [salt]', 'import a copy with ids of its own; the same salt makes the same ids')
    .option('--owner <key>', 'the row of this database that the imported rows shall belong to')
    .option('--set <table.column=value>', 'one value for a column in all rows (repeatable)', each)
    .addOption(
      new Option('--unique <what>', 'with --new-ids: what to do with other unique text that collides')
        .choices(['error', 'suffix'])
        .default('error'),
    )
    .option('--no-triggers', 'keep triggers from firing, and look references up by sets instead')
    .option('--relations', "follow the relations of the project's schema too, as the export did")
    .option('--ids', 'tell every id that was made, old and new')
    .option('--dry-run', 'do all of it, then roll it back')
    .addOption(
      new Option('--max-size <size>', 'refuse a compressed archive that unpacks to more')
        .argParser(size)
        .default(size(MAX_SIZE), MAX_SIZE),
    )
}

function each(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text]
}

/** Imports a file. `check` may refuse what it holds before anything is read. */
export async function runImport(
  context: Context,
  project: Project | undefined,
  options: ImportOptions,
  check: (prepared: Prepared) => void,
): Promise<ImportResult> {
  const { dryRun = false, file, maxSize } = options
  const request = requestOf(options)
  const path = file === '-' ? file : resolve(context.cwd, file)
  const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly: false }
  return withArchive(context, path, { maxSize }, archive =>
    withProjectDatabase(context, project, { command: 'import', settings }, async database => {
      const consent = async (prepared: Prepared) => {
        check(prepared)
        if (dryRun) return
        const { name, host } = database.identity
        const what = `This imports ${nameOf(archive.manifest.root)} and what hangs from it into ${name} on ${host}.`
        await askConsentOn(context, project?.ops ?? {}, database.identity, what)
      }
      const imported = await allOrNothing(database, dryRun, () =>
        importArchive(context, database, project, archive, request, consent),
      )
      return { dryRun, ...imported }
    }),
  )
}

function requestOf({
  dryRun = false,
  onConflict,
  newIds,
  owner,
  set = [],
  unique,
  triggers,
  ids = false,
  relations = false,
}: ImportOptions): ImportRequest {
  if (unique === 'suffix' && newIds === undefined) {
    throw new OpsError({
      code: 'usage',
      message: '--unique suffix marks copies, and without --new-ids there are none.',
      hint: 'Add --new-ids, or leave --unique out.',
      exit: 2,
    })
  }
  return { dryRun, policy: onConflict, newIds, owner, set, unique, triggers, ids, relations }
}

async function allOrNothing<T>(database: Database, dryRun: boolean, work: () => Promise<T>): Promise<T> {
  await database.script('BEGIN')
  try {
    const result = await work()
    await database.script(dryRun ? 'ROLLBACK' : 'COMMIT')
    return result
  } catch (error) {
    await database.script('ROLLBACK').catch(() => {})
    throw error
  }
}

function nameOf({ table, key }: Imported['root']): string {
  if (key === null) return `rows of ${table}`
  return `${table} ${typeof key === 'string' ? key : key.join(', ')}`
}
