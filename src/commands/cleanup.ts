import { resolve } from 'node:path'
import { Option } from 'commander'
import { type PlannedPolicy, planCleanup, runCleanup } from '../cleanup/cleanup.ts'
import { patiently } from '../cleanup/patience.ts'
import { readPolicies } from '../cleanup/policies.ts'
import type { PolicyResult } from '../cleanup/policy-result.ts'
import type { Limits } from '../cleanup/work.ts'
import type { Command, Context } from '../command.ts'
import { duration, durationOption, positive } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { openProject, type Project } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface CleanupOptions {
  readonly policies: readonly string[]
  readonly dryRun?: boolean
  readonly count: 'estimate' | 'exact'
  readonly olderThan?: number
  readonly batchSize?: number
  readonly sleep: number
  readonly maxTime?: number
  readonly maxRows?: number
  readonly maxLag?: number
  readonly archive?: string
  readonly restart?: boolean
  readonly vacuum: boolean
}

type CleanupResult =
  | { readonly dryRun: true; readonly policies: readonly PlannedPolicy[] }
  | { readonly dryRun: false; readonly policies: readonly PolicyResult[] }

/** A batch that takes longer is cut in half and tried again. */
const STATEMENT_TIMEOUT = 10_000
/** Whoever waits for a lock holds up everybody behind. */
const LOCK_TIMEOUT = 1000

export const cleanup: Command<CleanupOptions, CleanupResult> = {
  options(cli) {
    cli
      .argument('[policies...]', 'policies of ops.cleanup (default: all of them)')
      .option('--dry-run', 'say what would go, with examples')
      .addOption(
        new Option('--count <how>', 'of a dry run').choices(['estimate', 'exact']).default('estimate'),
      )
      .option('--older-than <duration>', 'instead of what the policies say', duration)
      .option('--batch-size <n>', 'rows of a batch at the most (default: what takes 150ms)', positive)
      .addOption(durationOption('--sleep <duration>', 'wait between batches', '0'))
      .option('--max-time <duration>', 'stop after this time; the next run goes on', duration)
      .option('--max-rows <n>', 'stop after so many rows of each policy', positive)
      .option('--max-lag <duration>', 'wait while a standby is further behind', duration)
      .option('--archive <file>', 'write the deleted rows here first, as JSON lines (.gz compresses)')
      .option('--restart', 'begin anew where a stopped run could be resumed')
      .option('--no-vacuum', 'leave the VACUUM afterwards to autovacuum')
  },

  async run(context, options) {
    const project = await openProject(context)
    const policies = readPolicies(project, options.policies, options.olderThan)
    const warnings: string[] = []
    return patiently(listening(context, warnings), patient =>
      open(patient, project, options.dryRun === true, async database => {
        if (options.dryRun)
          return {
            dryRun: true,
            policies: await planCleanup(context, database, policies, options.count === 'exact'),
          }
        const run = {
          limits: limitsOf(options),
          archive:
            options.archive === undefined ? undefined : { file: resolve(context.cwd, options.archive) },
          restart: options.restart === true,
          vacuums: options.vacuum,
        }
        return {
          dryRun: false,
          policies: await runCleanup(context, database, project, policies, run, warnings),
        }
      }),
    )
  },

  view: result =>
    result.dryRun ? result.policies.flatMap(viewPlan) : [viewRun(result.policies), summary(result.policies)],

  exit: result =>
    !result.dryRun && result.policies.some(({ stoppedBy }) => stoppedBy === 'running') ? 5 : 0,
}

/** What the server warns of is part of the outcome: a VACUUM that it skips ends as if it were done. */
function listening(context: Context, warnings: string[]): Context {
  const notice = (text: string) => {
    warnings.push(text)
    context.report.notice(text)
  }
  return { ...context, report: { ...context.report, notice } }
}

function open<T>(
  context: Context,
  project: Project,
  readOnly: boolean,
  work: Parameters<typeof withProjectDatabase<T>>[3],
): Promise<T> {
  const { statementTimeout = STATEMENT_TIMEOUT, lockTimeout = LOCK_TIMEOUT } = context.globals
  const settings = { statementTimeout, lockTimeout, readOnly }
  return withProjectDatabase(context, project, { command: 'cleanup', settings }, work)
}

function limitsOf({ batchSize, sleep, maxTime, maxRows, maxLag }: CleanupOptions): Limits {
  return {
    batchSize,
    sleep,
    deadline: performance.now() + (maxTime ?? Number.POSITIVE_INFINITY),
    maxRows: maxRows ?? Number.POSITIVE_INFINITY,
    maxLag: maxLag ?? Number.POSITIVE_INFINITY,
  }
}

function viewRun(policies: readonly PolicyResult[]): Block {
  return table(
    [
      { key: 'name', title: 'policy' },
      { key: 'table', title: 'table' },
      { key: 'cutoff', title: 'before' },
      { key: 'deleted', title: 'deleted' },
      { key: 'cascaded', title: 'cascaded' },
      { key: 'batches', title: 'batches' },
      { key: 'ms', title: 'time', unit: 'milliseconds' },
      { key: 'skippedLocked', title: 'locked' },
      { key: 'stoppedBy', title: 'stopped by' },
    ],
    policies.map(({ cascadedTables, droppedPartitions, ...cells }) => ({
      cells: { ...cells, skippedLocked: cells.skippedLocked || null },
      tone: cells.stoppedBy === null ? 'good' : 'warn',
    })),
  )
}

function viewPlan({
  name,
  table: of,
  cutoff,
  matched,
  exact,
  rows,
  oldest,
  newest,
  index,
  samples,
  cascades,
  nulls,
}: PlannedPolicy): Block[] {
  const share = rows > 0 ? ` of ${rows}` : ''
  return [
    line(`${name}: ${exact ? '' : 'about '}${matched}${share} rows of ${of}`, matched > 0 ? 'warn' : 'good'),
    ...(cutoff ? [line(`  before ${[cutoff, ...ends(oldest, newest)].join(', ')}`, 'dim')] : []),
    ...(nulls ? [line(`  ${nulls} rows have no value and stay`, 'dim')] : []),
    line(`  found by ${index ?? 'reading the table'}`, 'dim'),
    ...cascades.map(({ table, onDelete }) => line(`  ${table}: ON DELETE ${onDelete}`, 'dim')),
    ...samples.map(key => line(`  for example ${key.join(', ')}`, 'dim')),
  ]
}

function ends(oldest: string | null, newest: string | null): string[] {
  return [...(oldest ? [`the oldest ${oldest}`] : []), ...(newest ? [`the newest ${newest}`] : [])]
}

function summary(policies: readonly PolicyResult[]): Block {
  const deleted = policies.reduce((sum, each) => sum + each.deleted, 0)
  const ms = policies.reduce((sum, each) => sum + each.ms, 0)
  const stopped = policies.filter(({ stoppedBy }) => stoppedBy !== null)
  const rest =
    stopped.length > 0
      ? ` Not at the end: ${stopped.map(({ name, stoppedBy }) => `${name} (${stoppedBy})`).join(', ')}.`
      : ''
  return line(`Deleted ${deleted} in ${milliseconds(ms)}.${rest}`, stopped.length > 0 ? 'warn' : 'good')
}
