import { InvalidArgumentError, Option } from 'commander'
import type { Command } from '../command.ts'
import { COMPARISONS, type Comparison, type ComparisonName, type Difference } from '../drift/difference.ts'
import { type DriftReport, findDrift } from '../drift/drift.ts'
import { list } from '../options.ts'
import { type Block, line, type Tone, table } from '../output/blocks.ts'
import { withPasswordFile } from '../project/passfile.ts'
import { openProject } from '../project/project.ts'
import { parseUrl } from '../project/url.ts'
import { withTarget } from '../session.ts'

interface DriftOptions {
  readonly only?: readonly ComparisonName[]
  readonly shadowUrl?: string
  readonly grants?: boolean
  readonly failOn: 'drift' | 'unknown'
}

interface DriftResult extends DriftReport {
  readonly failOn: 'drift' | 'unknown'
}

const TONES: Record<Comparison['status'], Tone> = { none: 'good', drift: 'bad', unknown: 'warn' }

const TITLES: Record<ComparisonName, string> = {
  code: 'schema code and newest snapshot',
  database: 'migrations and live database',
  history: 'migration files and history',
}

export const drift: Command<DriftOptions, DriftResult> = {
  options(cli) {
    cli
      .option('--only <comparisons>', 'make only these: code, database, history', comparisons)
      .option('--shadow-url <url>', 'an empty database in which to build what the migrations make')
      .option('--grants', 'compare what roles may do, too')
      .addOption(
        new Option('--fail-on <level>', 'exit 4 from this level on')
          .choices(['drift', 'unknown'])
          .default('drift'),
      )
  },

  async run(context, { only = COMPARISONS, shadowUrl, grants = false, failOn }) {
    const project = await openProject(context)
    const url = shadowUrl ?? context.env.DRIZZLE_OPS_SHADOW_URL
    const shadow = url
      ? await withPasswordFile(parseUrl(url, '--shadow-url', context.env.USER ?? 'postgres'), context.env)
      : undefined
    const settings = {
      statementTimeout: context.globals.statementTimeout ?? 0,
      lockTimeout: context.globals.lockTimeout ?? 5000,
      readOnly: true,
    }
    const wish = { only, shadow, privileges: grants }
    const report = await findDrift(context, project, wish, async work => {
      const { withDatabase } = await import('../database/database.ts')
      return withTarget(context, project, target =>
        withDatabase(context, target, { command: 'drift', settings }, database => work({ database, target })),
      )
    })
    return { ...report, failOn }
  },

  view: ({ comparisons, differences, unusedIgnores, ignored }): Block[] => [
    ...(differences.length > 0 ? [tableOf(differences)] : []),
    ...differences.flatMap(sqlLines),
    ...comparisons.flatMap(({ name, status, reason, hint }) => [
      line(`${status.padEnd(8)}${TITLES[name]}${reason === null ? '' : `: ${reason}`}`, TONES[status]),
      ...(hint === null ? [] : [line(`  → ${hint}`)]),
    ]),
    ...(ignored > 0 ? [line(`${ignored} passed over by ops.drift.ignore.`, 'dim')] : []),
    ...unusedIgnores.map(entry =>
      line(`ops.drift.ignore holds ${entry}, which matches no difference.`, 'warn'),
    ),
  ],

  exit: ({ status, failOn }) =>
    status === 'drift' || (failOn === 'unknown' && status === 'unknown') ? 4 : 0,
}

function comparisons(text: string, previous?: readonly string[]): ComparisonName[] {
  const known: readonly string[] = COMPARISONS
  const words = list(text, previous)
  if (!words.every(word => known.includes(word)))
    throw new InvalidArgumentError(`The comparisons are ${COMPARISONS.join(', ')}.`)
  return words as ComparisonName[]
}

function tableOf(differences: readonly Difference[]): Block {
  return table(
    [
      { key: 'comparison', title: 'in' },
      { key: 'kind', title: 'kind' },
      { key: 'object', title: 'object' },
      { key: 'property', title: 'property' },
      { key: 'expected', title: 'expected' },
      { key: 'found', title: 'found' },
    ],
    differences.map(({ along, ...each }) => ({
      cells: { ...each, expected: cell(each.expected), found: cell(each.found) },
      tone: 'bad',
    })),
  )
}

/** On one line, as a table needs it. */
function cell(value: Difference['expected']): string | boolean | null {
  if (value === null || typeof value === 'boolean') return value
  return (typeof value === 'string' ? value : value.join(', ')).replace(SPACE, ' ')
}

const SPACE = /\s+/g

/** A script that can be pasted. What lacks a migration is better left to `generate`. */
function sqlLines({ comparison, kind, object, property, expected, sql }: Difference): Block[] {
  if (sql === null || comparison !== 'database') return []
  const what = property ?? (expected === null ? 'not expected' : 'missing')
  return [
    line(`-- ${kind} ${object}: ${what}`.replace(SPACE, ' '), 'dim'),
    ...sql.split('\n').map(text => line(text.replaceAll('\t', '  '))),
  ]
}
