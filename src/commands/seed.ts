import { InvalidArgumentError } from 'commander'
import type { Command } from '../command.ts'
import { count, list } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { findProject } from '../project/project.ts'
import { type SeedResult, seedTables } from '../seed/seed.ts'
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
}

/** `--rows 100` and `--rows users=5`, as often as there are tables. */
interface RowsAsked {
  readonly all?: number
  readonly tables: Readonly<Record<string, number>>
}

const DAY = 86_400_000

export const seed: Command<SeedCommandOptions, SeedResult> = {
  options(cli) {
    cli
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
      .option('--dry-run', 'show counts, order and some rows')
  },

  async run(context, options) {
    const project = await findProject(context)
    const { statementTimeout = 0, lockTimeout = 5000, allow } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: options.dryRun === true }
    const mode = options.truncate
      ? 'truncate'
      : options.append || allow.includes('non-empty')
        ? 'append'
        : 'refuse'
    return withProjectDatabase(context, project, { command: 'seed', settings }, database =>
      seedTables(context, database, project, {
        seed: options.seed,
        now: options.now ?? Math.floor(Date.now() / DAY) * DAY,
        counts: {
          all: options.rows.all,
          tables: { ...project?.ops.seed?.rows, ...options.rows.tables },
          scale: options.scale,
        },
        only: options.only,
        exclude: options.exclude,
        mode,
        commitEachTable: options.commitEachTable === true,
        dryRun: options.dryRun === true,
      }),
    )
  },

  view: ({ dryRun, tables, seed, now, truncated }) => [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'rows', title: dryRun ? 'would be' : 'rows' },
        { key: 'ms', title: 'time', unit: 'milliseconds' },
      ],
      tables.map(({ table, rows, ms }) => ({ cells: { table, rows, ms: dryRun ? null : ms }, tone: 'good' })),
    ),
    ...tables.flatMap(({ table, notes, samples }): Block[] => [
      ...notes.map(note => line(`${table}: ${note}`, 'warn')),
      ...(samples ?? []).map(row => line(`${table}: ${JSON.stringify(row)}`, 'dim')),
    ]),
    ...(truncated.length > 0
      ? [line(`${dryRun ? 'Would empty' : 'Emptied'} ${truncated.join(', ')}.`, 'warn')]
      : []),
    line(summary(tables, dryRun, seed, now), 'good'),
  ],
}

function summary(tables: SeedResult['tables'], dryRun: boolean, seed: string, now: string): string {
  const rows = tables.reduce((sum, each) => sum + each.rows, 0)
  const ms = tables.reduce((sum, each) => sum + each.ms, 0)
  const again = `--seed ${seed} --now ${now} makes the same ones again.`
  return dryRun
    ? `Nothing was written; ${rows} rows would be. ${again}`
    : `Wrote ${rows} rows in ${milliseconds(ms)}. ${again}`
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
