import { OpsError } from '../errors.ts'
import type { MigrationScript } from './apply.ts'
import type { Inspection } from './inspect.ts'
import type { Judged, State } from './state.ts'

const REASONS: Partial<Record<State, string>> = {
  edited: 'was changed after it had been applied',
  missing: 'is recorded as applied, but its file is gone',
  future:
    'is stamped in the future, and every migration made before that moment would be skipped by stock drizzle',
  late: 'is older than the newest applied one; stock drizzle would skip it in silence',
}

const REMEDIES: Partial<Record<State, (name: string) => string>> = {
  edited: () => 'drizzle-ops repair --accept-edits, once the database has been brought in line by hand',
  missing: name => `restore the file, or drizzle-ops repair --forget ${quoted(name)}`,
  future: name => `drizzle-ops repair --restamp ${quoted(name)}`,
  late: name =>
    `drizzle-ops migrate --allow late to run it now, or drizzle-ops repair --restamp ${quoted(name)}`,
}

/** Throws OpsError `history`, naming each migration that forbids to go on and the command that mends it. */
export function refuseDoubtfulHistory({ judged }: Inspection, allow: readonly string[]): void {
  const doubtful = judged
    .map(({ state }) => state)
    .filter(({ state, note }) => {
      if (state === 'late') return !allow.includes('late')
      return state === 'edited' || state === 'future' || (state === 'missing' && note === null)
    })
  if (doubtful.length === 0) return
  const lines = doubtful.map(({ name, state }) => `${name} ${REASONS[state]}.`)
  const remedies = new Set(doubtful.map(({ name, state }) => `${state}: ${REMEDIES[state]?.(name)}`))
  throw new OpsError({
    code: 'history',
    message: `The history does not match the files, so nothing was applied.\n${lines.join('\n')}`,
    hint: [...remedies].join('\n'),
  })
}

/** A name that belongs to none of the migrations in question. */
export function unknownMigration(name: string, known: readonly Judged[]): OpsError {
  const names = known.map(({ state }) => state.name)
  return new OpsError({
    code: 'migration-unknown',
    message: `There is no migration ${name} to do that with.`,
    hint:
      names.length > 0
        ? `There are ${names.slice(-10).join(', ')}.`
        : 'drizzle-ops status lists what there is.',
    exit: 2,
  })
}

const PLAIN = /^[\w./-]+$/

function quoted(name: string): string {
  return PLAIN.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}

/** What cannot be part of one transaction for all. Throws OpsError `tx-all`. */
export function refuseOutside(files: readonly MigrationScript[]): void {
  const outside = files.find(({ script }) => script.mode !== 'file')
  if (!outside) return
  throw new OpsError({
    code: 'tx-all',
    message: `${outside.migration.name} cannot run in a transaction, so it cannot be part of one for all.`,
    hint: 'Apply what stands before it with --to, then leave --tx all out.',
    exit: 2,
  })
}
