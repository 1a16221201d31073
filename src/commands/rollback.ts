import { Option } from 'commander'
import type { Command } from '../command.ts'
import { type Reverted, revertMigrations } from '../migrations/revert.ts'
import { count, durationOption } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface RollbackOptions {
  readonly steps: number
  readonly to?: string
  readonly dryRun?: boolean
  readonly lockWait: number
}

interface RollbackResult {
  readonly dryRun: boolean
  readonly reverted: readonly Reverted[]
}

/** As in migrate: short, because whoever waits for a lock holds up everybody behind. */
const LOCK_TIMEOUT = 300

export const rollback: Command<RollbackOptions, RollbackResult> = {
  options(cli) {
    cli
      .option('--steps <n>', 'revert so many of the newest migrations', count, 1)
      .addOption(new Option('--to <name>', 'revert what is newer than this one').conflicts('steps'))
      .option('--dry-run', 'show the SQL and what it would lose')
      .addOption(
        durationOption(
          '--lock-wait <duration>',
          'how long to wait for another run, and for locks on tables; 0 does not wait',
          '60s',
        ),
      )
  },

  async run(context, { steps, to, dryRun = false, lockWait }) {
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: dryRun }
    const reverted = await withProjectDatabase(
      context,
      project,
      { command: 'rollback', settings },
      database => revertMigrations(context, database, project, { steps, to, dryRun, lockWait }),
    )
    return { dryRun, reverted }
  },

  view: ({ dryRun, reverted }): Block[] => [
    table(
      [
        { key: 'name', title: dryRun ? 'would revert' : 'reverted' },
        { key: 'source', title: 'way back' },
        { key: 'statements', title: 'statements' },
        { key: 'loses', title: 'loses' },
      ],
      reverted.map(({ name, source, statements, loses }) => ({
        cells: { name, source, statements, loses: describe(loses) },
        tone: loses.length > 0 ? 'warn' : 'good',
      })),
    ),
    ...(dryRun ? reverted.flatMap(({ sql }) => sql.flatMap(linesOf)) : []),
    line(summary(dryRun, reverted.length), 'good'),
  ],
}

/** As it stands in a file: a line is no place for tabs and ends of lines. */
function linesOf(statement: string): Block[] {
  return statement
    .replaceAll('\t', '  ')
    .split('\n')
    .map(text => line(text, 'dim'))
}

function describe(loses: Reverted['loses']): string {
  return loses
    .map(({ object, how, rows }) => `${object} ${how} (${rows ?? '?'} ${rows === 1 ? 'row' : 'rows'})`)
    .join(', ')
}

function summary(dryRun: boolean, reverted: number): string {
  if (reverted === 0) return 'Nothing to revert.'
  return dryRun ? `Nothing was reverted; ${reverted} would be.` : `Reverted ${reverted}.`
}
