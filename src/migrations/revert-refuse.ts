import { OpsError } from '../errors.ts'
import type { Migration } from './folder.ts'
import type { Reverted } from './revert.ts'
import type { Judged } from './state.ts'

interface Chosen {
  readonly migration: Migration
  readonly edited: boolean
}

/**
 * Throws OpsError `history` where what a migration did is not what its file says, or where something newer than
 * what is to be reverted has lost its file.
 */
export function refuseUnknownState(judged: readonly Judged[], chosen: readonly Chosen[]): void {
  const oldest = chosen.at(-1)?.migration.when ?? Number.NEGATIVE_INFINITY
  const edited = chosen.filter(each => each.edited).map(({ migration }) => migration.name)
  const missing = judged
    .filter(
      ({ state, row }) =>
        state.state === 'missing' && state.note === null && (row?.createdAt ?? oldest) >= oldest,
    )
    .map(({ state }) => state.name)
  if (edited.length === 0 && missing.length === 0) return
  throw new OpsError({
    code: 'history',
    message: [
      'The history does not match the files, so nothing was reverted.',
      ...edited.map(name => `${name} was changed after it had been applied.`),
      ...missing.map(name => `${name} is recorded as applied, but its file is gone.`),
    ].join('\n'),
    hint: [
      ...(edited.length > 0
        ? [
            'edited: restore the file as it was applied, or drizzle-ops repair --accept-edits once its way back is right',
          ]
        : []),
      ...missing.map(name => `missing: restore the file, or drizzle-ops repair --forget ${quoted(name)}`),
    ].join('\n'),
  })
}

export function unknownName(name: string, applied: readonly string[]): OpsError {
  return new OpsError({
    code: 'migration-unknown',
    message: `${name} is not among the applied migrations, so there is nothing to go back to.`,
    hint: applied.length > 0 ? `The newest are ${applied.slice(0, 5).join(', ')}.` : 'Nothing is applied.',
    exit: 2,
  })
}

/** Throws OpsError `no-way-back` where what the database holds today forbids what the older schema demands. */
export function refuseObstacles(
  steps: readonly { readonly migration: Migration }[],
  obstacles: readonly (readonly string[])[],
): void {
  const lines = steps.flatMap(({ migration }, index) =>
    (obstacles[index] ?? []).map(obstacle => `${migration.name}: ${obstacle}.`),
  )
  if (lines.length === 0) return
  throw new OpsError({
    code: 'no-way-back',
    message: ['Nothing was reverted, for the database is not as the older schema demands.', ...lines].join(
      '\n',
    ),
    hint: 'Mend that first, or write the way back into a down file.',
  })
}

/** What is lost, a sentence for each. */
export function describeLosses(planned: readonly Reverted[]): string[] {
  return planned.flatMap(({ name, loses }) =>
    loses.map(
      ({ object, how, rows }) =>
        `${name}: ${object} ${how}, ${rows ?? 'an unknown number of'} ${rows === 1 ? 'row' : 'rows'}.`,
    ),
  )
}

/** Throws OpsError `data-loss` or `column-order`, its document naming what would have been reverted. */
export function refuseRisks(allowed: readonly string[], planned: readonly Reverted[]): void {
  const losses = allowed.includes('data-loss') ? [] : describeLosses(planned)
  const displaced = allowed.includes('column-order')
    ? []
    : planned.flatMap(({ name, displaces }) =>
        displaces.map(column => `${name}: ${column} comes back as the last column of its table.`),
      )
  const risks = [
    ...(losses.length > 0 ? ['data-loss'] : []),
    ...(displaced.length > 0 ? ['column-order'] : []),
  ]
  const [code] = risks
  if (code === undefined) return
  throw new OpsError({
    code,
    message: [
      code === 'data-loss'
        ? 'Nothing was reverted, for this loses data.'
        : 'Nothing was reverted, for this changes the order of columns, which SELECT * and INSERT without names go by.',
      ...losses,
      ...displaced,
    ].join('\n'),
    hint: `Add --allow ${[...allowed, ...risks].join(',')} to do it nevertheless; --dry-run shows the SQL.`,
    known: { dryRun: false, reverted: planned },
  })
}

export function changedMeanwhile(): OpsError {
  return new OpsError({
    code: 'changed-meanwhile',
    message: 'The history changed while this was being prepared, so nothing was reverted.',
    hint: 'Run the command again to see what there is to do now.',
  })
}

const PLAIN = /^[\w./-]+$/

function quoted(name: string): string {
  return PLAIN.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}
