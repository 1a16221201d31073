import { relative } from 'node:path'
import { rowsIn } from '../catalog/seed-state.ts'
import type { Context } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { dictionaries } from './cells/dictionaries.ts'
import { checkCounts, chosenTables, reachedByTruncate } from './choose.ts'
import type { Counts } from './counts.ts'
import { readModel, type SeedTable } from './model.ts'
import { overridesOf } from './overrides.ts'
import { numberAt, type TablePlan } from './plan.ts'
import { prepareSeed } from './prepare.ts'
import { withSqlFile } from './sql-file.ts'
import { type Seeded, writeSeed } from './write.ts'

/** With another one the same seed makes other values. */
export const GENERATOR = 1

export interface SeedOptions {
  readonly seed: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly counts: Counts
  readonly only: readonly string[]
  readonly exclude: readonly string[]
  /** What happens to tables that have rows. */
  readonly mode: 'refuse' | 'append' | 'truncate'
  readonly commitEachTable: boolean
  readonly dryRun: boolean
  /** A file that gets what would be written, as a script for psql. */
  readonly sql?: string
}

export interface SeededTable extends Seeded {
  /** What could not be promised, in words. */
  readonly notes: readonly string[]
  /** Of a dry run the first rows, as PostgreSQL reads them. */
  readonly samples?: readonly Readonly<Record<string, string | null>>[]
}

export interface SeedResult {
  readonly dryRun: boolean
  readonly seed: string
  readonly generator: number
  readonly now: string
  /** The script that was written instead. */
  readonly sql?: string
  /** Emptied first. */
  readonly truncated: readonly string[]
  /** In the order in which they are written: parents first. */
  readonly tables: readonly SeededTable[]
}

const SAMPLES = 3

/**
 * Fills tables with rows that fit their columns, keys and CHECKs. Throws OpsError: `non-empty`, `seed-type`,
 * `seed-parents`, `seed-table`; or what the server says of a row.
 */
export async function seedTables(
  context: Context,
  database: Database,
  project: Project | undefined,
  options: SeedOptions,
): Promise<SeedResult> {
  context.report.progress('Reading the catalog')
  const model = await readModel(database)
  checkCounts(model, options.counts.tables)
  const chosen = chosenTables(model, project, options)
  const truncated =
    options.mode === 'truncate'
      ? reachedByTruncate(
          model.graph,
          chosen.map(({ table }) => table),
        )
      : []
  if (options.mode === 'refuse') await refuseRows(database, chosen)
  const groups = await prepareSeed(database, model, {
    setting: { seed: options.seed, now: options.now, words: dictionaries() },
    counts: options.counts,
    chosen,
    emptied: table => truncated.includes(table),
    overrides: overridesOf(project, model, options.seed, options.now),
  })
  const facts = {
    dryRun: options.dryRun,
    seed: options.seed,
    generator: GENERATOR,
    now: new Date(options.now).toISOString(),
    truncated: truncated.map(({ title }) => title),
  }
  const plans = groups.flat()
  if (options.dryRun)
    return { ...facts, tables: plans.map(plan => ({ ...shown(plan), samples: samplesOf(plan) })) }
  const writing = { truncated, commitEachTable: options.commitEachTable }
  if (options.sql !== undefined) {
    const seeded = await withSqlFile(options.sql, target => writeSeed(context, target, groups, writing))
    return { ...facts, sql: relative(context.cwd, options.sql), tables: withNotes(seeded, plans) }
  }
  await askConsentOn(context, project?.ops ?? {}, database.identity, describe(plans, facts.truncated))
  const seeded = await writeSeed(context, database, groups, writing)
  return { ...facts, tables: withNotes(seeded, plans) }
}

function withNotes(seeded: readonly Seeded[], plans: readonly TablePlan[]): SeededTable[] {
  return seeded.map(each => ({
    ...each,
    notes: plans.find(({ table }) => table.table.title === each.table)?.notes ?? [],
  }))
}

function describe(plans: readonly TablePlan[], truncated: readonly string[]): string {
  const rows = plans.reduce((sum, plan) => sum + plan.rows, 0)
  const emptied =
    truncated.length > 0 ? `This deletes all rows of ${truncated.join(', ')}, then writes` : 'This writes'
  return `${emptied} ${rows} made-up rows into ${plans.length} tables.`
}

function shown({ table, rows, notes }: TablePlan): SeededTable {
  return { table: table.table.title, rows, ms: 0, notes }
}

function samplesOf({ cells, numbers, rows }: TablePlan) {
  return Array.from({ length: Math.min(SAMPLES, rows) }, (_, index) =>
    Object.fromEntries([...cells].map(([name, cell]) => [name, cell.text(numberAt(numbers, index))])),
  )
}

async function refuseRows(database: Database, chosen: readonly SeedTable[]): Promise<void> {
  const full: string[] = []
  for (const { table } of chosen)
    if ((await rowsIn(database, table.schema, table.name)) > 0) full.push(table.title)
  if (full.length === 0) return
  throw new OpsError({
    code: 'non-empty',
    message: `${full.join(', ')} ${full.length === 1 ? 'has' : 'have'} rows already.`,
    hint: 'Add to them with --append (or --allow non-empty), empty them first with --truncate, or leave them out with --exclude.',
  })
}
