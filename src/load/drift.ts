import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Drift } from './match.ts'

/**
 * Refuses an archive whose columns are not the target's; with `--allow schema-drift` what fits is taken.
 * Throws OpsError `schema-drift`, exit 1.
 */
export function checkDrift({ globals, report }: Context, drift: readonly Drift[]): void {
  if (drift.length === 0) return
  const lines = drift.map(inWords)
  const [unfilled] = drift.filter(({ found }) => found === 'unfilled')
  if (globals.allow.includes('schema-drift')) {
    if (unfilled) throw neverFits(unfilled, drift)
    report.warn(`The schemas differ, and what fits is taken:\n${lines.join('\n')}`)
    return
  }
  throw new OpsError({
    code: 'schema-drift',
    message: `The archive was made with another schema:\n${lines.join('\n')}`,
    hint: 'Migrate both databases to the same state, or take what fits with --allow schema-drift.',
    known: { drift },
  })
}

function neverFits(unfilled: Drift, drift: readonly Drift[]): OpsError {
  return new OpsError({
    code: 'schema-drift',
    message: `${inWords(unfilled)}: no row fits.`,
    hint: 'Give it a default for the time of the import, or migrate both databases to the same state.',
    known: { drift },
  })
}

function inWords({ table, column, found, archived, target }: Drift): string {
  switch (found) {
    case 'missing':
      return `${table}.${column} (${archived}) is not in this database`
    case 'extra':
      return `${table}.${column} (${target}) is not in the archive`
    case 'constraint':
      return `${table} has ${column} here and had not where the archive was made`
    case 'unfilled':
      return `${table}.${column} (${target}) is NOT NULL without a default, and not in the archive`
    case 'other type':
      return `${table}.${column} is ${target} here and ${archived} in the archive`
  }
}
