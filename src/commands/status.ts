import type { Command } from '../command.ts'
import type { Layout } from '../migrations/folder.ts'
import { inspect } from '../migrations/inspect.ts'
import { isUpToDate, type MigrationState, STATES, type State } from '../migrations/state.ts'
import type { Tone } from '../output/blocks.ts'
import { line, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface StatusOptions {
  readonly check?: boolean
}

interface StatusResult {
  readonly layout: Layout
  /** `schema.table` of drizzle's history. */
  readonly table: string
  readonly upToDate: boolean
  readonly counts: Readonly<Record<State, number>>
  readonly migrations: readonly MigrationState[]
  readonly check: boolean
}

const TONES: Record<State, Tone> = {
  applied: 'good',
  pending: 'strong',
  late: 'bad',
  edited: 'bad',
  restamped: 'dim',
  missing: 'bad',
  future: 'bad',
}

const COLUMNS = [
  { key: 'state', title: 'state' },
  { key: 'name', title: 'migration' },
  { key: 'when', title: 'made' },
  { key: 'appliedAt', title: 'applied' },
  { key: 'note', title: 'note' },
]

export const status: Command<StatusOptions, StatusResult> = {
  options(cli) {
    cli.option('--check', 'exit 4 unless everything is applied')
  },

  async run(context, { check = false }) {
    const project = await openProject(context)
    const settings = {
      statementTimeout: context.globals.statementTimeout ?? 0,
      lockTimeout: context.globals.lockTimeout ?? 5000,
      readOnly: true,
    }
    const { folder, judged } = await withProjectDatabase(
      context,
      project,
      { command: 'status', settings },
      database => inspect(database, project),
    )
    const migrations = judged.map(({ state }) => state)
    return {
      layout: folder.layout,
      table: `${project.migrationsTable.schema}.${project.migrationsTable.table}`,
      upToDate: isUpToDate(migrations),
      counts: countStates(migrations),
      migrations,
      check,
    }
  },

  view({ migrations, counts, upToDate }) {
    return [
      table(
        COLUMNS,
        migrations.map(migration => ({ cells: { ...migration }, tone: TONES[migration.state] })),
      ),
      line(summary(counts, upToDate), upToDate ? 'good' : 'warn'),
      ...remedies(migrations),
    ]
  },

  exit: ({ check, upToDate }) => (check && !upToDate ? 4 : 0),
}

function countStates(migrations: readonly MigrationState[]): Record<State, number> {
  const counts = Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>
  for (const { state } of migrations) counts[state] += 1
  return counts
}

function summary(counts: Readonly<Record<State, number>>, upToDate: boolean): string {
  const parts = STATES.filter(state => counts[state] > 0).map(state => `${counts[state]} ${state}`)
  return `${upToDate ? 'Up to date' : 'Not up to date'}: ${parts.join(', ') || 'no migrations'}.`
}

/** States that `migrate` refuses to go on from, and what ends each. */
const REMEDIES: Partial<Record<State, string>> = {
  late: 'drizzle-ops migrate --allow late applies it; drizzle-ops repair --restamp <name> moves it behind the newest.',
  edited: 'bring the database in line by hand, then drizzle-ops repair --accept-edits.',
  missing: 'restore the file, or drizzle-ops repair --forget <name>.',
  future: 'drizzle-ops repair --restamp <name>.',
}

function remedies(migrations: readonly MigrationState[]) {
  const open = new Set(
    migrations.filter(({ state, note }) => state !== 'missing' || note === null).map(({ state }) => state),
  )
  const refused = STATES.filter(state => REMEDIES[state] && open.has(state))
  const first = refused.length > 0 ? ', once that is mended' : ''
  return [
    ...refused.map(state => line(`  → ${state}: ${REMEDIES[state]}`)),
    ...(open.has('pending') ? [line(`  → pending: drizzle-ops migrate applies it${first}.`)] : []),
  ]
}
