import { relative } from 'node:path'
import { withArchive } from '../../archive/read.ts'
import type { Context } from '../../command.ts'
import { askConsentOn } from '../../consent.ts'
import type { Database } from '../../database/database.ts'
import { type Imported, type ImportRequest, importArchive } from '../../load/import.ts'
import { size } from '../../options.ts'
import type { Project } from '../../project/project.ts'
import { keptUnless } from './transaction.ts'

export interface CopiesOptions {
  /** Absolute. */
  readonly file: string
  readonly copies: number
  readonly seed: string
  readonly dryRun: boolean
}

export interface CopiesResult {
  readonly dryRun: boolean
  readonly seed: string
  readonly file: string
  readonly copies: number
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  readonly ms: number
}

const MAX_SIZE = size('16GB')

/**
 * Imports an archive several times, each time with ids that follow from the seed and the copy's number, and with its
 * unique texts marked: all copies or none. What a run before has made stays as it is.
 */
export async function seedCopies(
  context: Context,
  database: Database,
  project: Project | undefined,
  { file, copies, seed, dryRun }: CopiesOptions,
): Promise<CopiesResult> {
  const shown = relative(context.cwd, file)
  const started = performance.now()
  if (!dryRun) {
    const what = `This imports ${copies} ${copies === 1 ? 'copy' : 'copies'} of ${shown}.`
    await askConsentOn(context, project?.ops ?? {}, database.identity, what)
  }
  // a dry run does one: the sequences that keep copies apart move for good
  const done = await keptUnless(database, dryRun, async () => {
    const each: Imported[] = []
    for (let copy = 1; copy <= (dryRun ? 1 : copies); copy += 1) {
      context.report.progress(`Copy ${copy} of ${copies}`)
      each.push(await imported(context, database, project, file, requestOf(`${seed}-${copy}`, dryRun)))
      // import leaves its stages to the end of the transaction, and the next copy makes its own
      await database.script('DISCARD TEMP')
    }
    return each
  })
  const counts = new Map<string, number>()
  for (const { table, inserted } of done.flatMap(({ tables }) => tables))
    counts.set(table, (counts.get(table) ?? 0) + inserted * (dryRun ? copies : 1))
  const tables = [...counts].map(([table, rows]) => ({ table, rows }))
  return { dryRun, seed, file: shown, copies, tables, ms: performance.now() - started }
}

async function imported(
  context: Context,
  database: Database,
  project: Project | undefined,
  file: string,
  request: ImportRequest,
): Promise<Imported> {
  return withArchive(context, file, { maxSize: MAX_SIZE }, archive =>
    importArchive(context, database, project, archive, request, async () => {}),
  )
}

function requestOf(salt: string, dryRun: boolean): ImportRequest {
  return {
    dryRun,
    policy: 'skip',
    newIds: salt,
    owner: undefined,
    set: [],
    unique: 'suffix',
    triggers: true,
    ids: false,
    relations: false,
  }
}
