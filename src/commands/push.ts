import type { Command } from '../command.ts'
import { type RenameOptions, renameOptions } from '../kit/rename-options.ts'
import { durationOption } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import type { PushStatement } from '../push/classify.ts'
import { type PushOutcome, pushSchema } from '../push/push.ts'
import { withProjectDatabase } from '../session.ts'

interface PushCommandOptions extends RenameOptions {
  readonly dryRun?: boolean
  readonly lockWait: number
}

interface PushResult extends PushOutcome {
  readonly dryRun: boolean
}

/** As in migrate: short, because whoever waits for a lock holds up everybody behind. */
const LOCK_TIMEOUT = 300

export const push: Command<PushCommandOptions, PushResult> = {
  options(cli) {
    cli.option('--dry-run', 'show the statements and their hazards; change nothing')
    for (const option of renameOptions()) cli.addOption(option)
    cli.addOption(
      durationOption(
        '--lock-wait <duration>',
        'how long to wait for another run, and for locks on tables; 0 does not wait',
        '60s',
      ),
    )
  },

  async run(context, { dryRun = false, rename, create, lockWait }) {
    const project = await openProject(context)
    const { statementTimeout = 0, lockTimeout = LOCK_TIMEOUT } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: false }
    const decisions = { renames: rename, created: create }
    const outcome = await withProjectDatabase(context, project, { command: 'push', settings }, database =>
      pushSchema(context, database, project, { dryRun, lockWait, decisions }),
    )
    return { dryRun, ...outcome }
  },

  view: ({ status, statements, applied, leftAlone, unresolved, notCompared }): Block[] => [
    table(
      [
        { key: 'hazards', title: 'hazards' },
        { key: 'tables', title: 'rows' },
        { key: 'sql', title: status === 'ok' ? 'pushed' : 'would push' },
      ],
      statements.map(each => ({
        cells: { hazards: each.hazards.join(', '), tables: rowsOf(each), sql: oneLine(each.sql) },
        tone: each.hazards.length > 0 ? 'warn' : 'good',
      })),
    ),
    ...statements.flatMap(({ blocked }) =>
      blocked === null ? [] : [line(`Cannot succeed: ${blocked}.`, 'bad')],
    ),
    ...notCompared.map(({ sql, message }) => line(`Not compared: ${oneLine(sql)} (${message})`, 'warn')),
    ...unresolved.map(what => line(`Differs, and drizzle-kit has no statement for it: ${what}`, 'warn')),
    ...(leftAlone.length > 0 ? [line(`Left alone, not in the schema: ${leftAlone.join(', ')}`, 'dim')] : []),
    line(summary(status, statements.length, applied), 'good'),
  ],
}

const SPACE = /\s+/g

function oneLine(sql: string): string {
  return sql.replace(SPACE, ' ').trim()
}

function rowsOf({ tables }: PushStatement): string {
  return tables.map(each => `${each.table} ${each.rows ?? '?'}`).join(', ')
}

function summary(status: PushOutcome['status'], statements: number, applied: number): string {
  switch (status) {
    case 'no_changes':
      return 'The database is what the schema says.'
    case 'planned':
      return `Nothing was pushed; ${statements} ${statements === 1 ? 'statement' : 'statements'} would be.`
    case 'ok':
      return `Pushed ${applied} ${applied === 1 ? 'statement' : 'statements'}.`
  }
}
