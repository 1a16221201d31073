import { type OwnedSequence, ownedSequences } from '../catalog/owned-sequences.ts'
import { ORDINARY } from '../catalog/scope.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { type Finding, finding, type Subject } from './check.ts'

/** The question that all checks of sequences share. */
export const sequences = (database: Database) => ownedSequences(database, ORDINARY)

/** What could not be read: for want of a privilege, or because somebody locks it just now. */
export function unread(
  { database }: Subject,
  all: readonly OwnedSequence[],
  besides: string,
  readable: (sequence: OwnedSequence) => boolean,
  locked: (sequence: OwnedSequence) => boolean,
): Finding[] {
  const denied = all.filter(sequence => !readable(sequence))
  const busy = all.filter(sequence => readable(sequence) && locked(sequence))
  const role = quoted(database.identity.user)
  const schemas = [
    ...new Set(denied.flatMap(({ schema, tableSchema }) => [schema, ...(tableSchema ? [tableSchema] : [])])),
  ]
  const grants = schemas.map(
    schema =>
      `GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${quoted(schema)} TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA ${quoted(schema)} TO ${role};`,
  )
  return [
    ...(denied.length > 0
      ? [
          finding('unknown', `${database.identity.user} may not read ${list(denied)}${besides}.`, {
            value: denied.length,
            unit: 'sequences',
            fix: grants.join(' '),
          }),
        ]
      : []),
    ...(busy.length > 0
      ? [
          finding('unknown', `Somebody locks ${list(busy)}${besides && ', or what they fill,'} just now.`, {
            value: busy.length,
            unit: 'sequences',
            fix: 'Run this again when they are done; drizzle-ops health --deep --only blocked-sessions says who it is.',
          }),
        ]
      : []),
  ]
}

const NAMED = 3

function list(sequences: readonly OwnedSequence[]): string {
  const named = sequences.slice(0, NAMED).map(({ schema, sequence }) => `${schema}.${sequence}`)
  const more = sequences.length > NAMED ? ` and ${sequences.length - NAMED} more` : ''
  return `the ${sequences.length === 1 ? 'sequence' : 'sequences'} ${named.join(', ')}${more}`
}
