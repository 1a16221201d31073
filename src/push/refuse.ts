import { OpsError } from '../errors.ts'
import { optionsFor, type Question } from '../kit/rename.ts'
import type { PushStatement } from './classify.ts'
import { type Hazard, ungranted } from './hazards.ts'

/** Throws OpsError `push-blocked` where a statement must fail, and `hazards` where one has not been granted. */
export function refuse(statements: readonly PushStatement[], allow: readonly string[]): void {
  const blocked = statements.filter(each => each.blocked !== null)
  if (blocked.length > 0) throw refuseBlocked(blocked)
  const missing = ungranted(
    statements.flatMap(({ hazards }) => hazards),
    allow,
  )
  if (missing.length > 0) throw refuseHazards(statements, missing, allow)
}

function refuseBlocked(blocked: readonly PushStatement[]): OpsError {
  return new OpsError({
    code: 'push-blocked',
    message: [
      'Nothing was pushed, for this cannot succeed:',
      ...blocked.map(({ blocked: why }) => `${why}.`),
    ].join('\n'),
    hint: 'Change the schema or the rows as it says; drizzle-kit push would empty the table or fail half-way.',
  })
}

function refuseHazards(
  statements: readonly PushStatement[],
  missing: readonly Hazard[],
  allow: readonly string[],
): OpsError {
  const risky = statements.filter(({ hazards }) => ungranted(hazards, allow).length > 0)
  return new OpsError({
    code: 'hazards',
    message: [
      'Nothing was pushed, for these were not granted:',
      ...risky.map(each => `${ungranted(each.hazards, allow).join(', ')}: ${describe(each)}`),
    ].join('\n'),
    hint: `If that is meant, add --allow ${[...allow, ...missing].join(',')}`,
    known: { needs: missing },
  })
}

function describe({ sql, tables, reasons }: PushStatement): string {
  const rows = tables.map(({ table, rows }) => `${table}: ${rows ?? '?'} ${rows === 1 ? 'row' : 'rows'}`)
  const why = [...reasons, ...rows].join(', ')
  return `${sql}${why === '' ? '' : ` (${why})`}`
}

/** What must be decided before anything can be planned. */
export function refuseUndecided(questions: readonly Question[]): OpsError {
  return new OpsError({
    code: 'needs-decision',
    message: [
      'Nothing was pushed, for this may be a rename:',
      ...questions.map(
        ({ kind, name, candidates }) => `${kind} ${name} is new, and ${candidates.join(', ')} would go.`,
      ),
    ].join('\n'),
    hint: `Say which it is: ${questions.map(each => optionsFor(each).join(' or ')).join('; ')}`,
    known: { status: 'refused', statements: [], applied: 0, questions },
  })
}
