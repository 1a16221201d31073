import { type OwnedSequence, ownedSequences } from '../catalog/owned-sequences.ts'
import { ORDINARY } from '../catalog/scope.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import {
  type Check,
  type Finding,
  finding,
  judgeValue,
  orOk,
  type Subject,
  type Thresholds,
} from './check.ts'
import type { Remedy } from './remedy.ts'

const sequences = (database: Database) => ownedSequences(database, ORDINARY)

export const sequenceExhaustion: Check = {
  id: 'sequence-exhaustion',
  thresholds: { warn: 0.75, critical: 0.9 },
  async run(subject, thresholds) {
    const all = await subject.once(sequences)
    return orOk(
      [
        ...all.flatMap(sequence => exhausted(sequence, thresholds)),
        ...unread(
          subject,
          all,
          '',
          ({ readable }) => readable,
          ({ locked }) => locked,
        ),
      ],
      'No sequence comes to its end.',
    )
  },
}

function exhausted(sequence: OwnedSequence, thresholds: Thresholds): Finding[] {
  const used = sequence.cycles ? null : usedOf(sequence)
  if (used === null || judgeValue(used, thresholds) === 'ok') return []
  const { tableSchema, table, column, last, next, type } = sequence
  const percent = `${Math.floor(used * 1000) / 10} %`
  const fills = table === null ? '' : `, which fills ${tableSchema}.${table}.${column},`
  return [
    finding(
      judgeValue(used, thresholds),
      `The sequence ${sequence.schema}.${sequence.sequence}${fills} has given out ${last ?? next} of ${endsOf(sequence).end} (${percent}): at the end every INSERT fails.`,
      {
        object: `${sequence.schema}.${sequence.sequence}`,
        value: used,
        unit: 'ratio',
        thresholds,
        fix: widening(sequence),
        evidence: [sequence],
        ...(type !== 'bigint' && { remedy: widerColumn(sequence) }),
      },
    ),
  ]
}

/** How much of the way is gone; null where it cannot be read. One that was just restarted stands where it begins. */
function usedOf(sequence: OwnedSequence): number | null {
  const { last, next } = sequence
  const position = last ?? next
  if (position === null) return null
  const { begin, end } = endsOf(sequence)
  const way = Number(BigInt(end) - BigInt(begin))
  return way === 0 ? 1 : Number(BigInt(position) - BigInt(begin)) / way
}

/** Where it begins to count, and where it ends. */
function endsOf({ floor, ceiling, increment }: OwnedSequence): {
  readonly begin: string
  readonly end: string
} {
  return increment.startsWith('-') ? { begin: ceiling, end: floor } : { begin: floor, end: ceiling }
}

function widening({ schema, sequence, tableSchema, table, column, type }: OwnedSequence): string {
  if (table === null || type === 'bigint')
    return `ALTER SEQUENCE ${quoted(schema, sequence)} NO MAXVALUE NO MINVALUE;`
  return `ALTER TABLE ${quoted(tableSchema ?? '', table)} ALTER COLUMN ${quoted(column ?? '')} TYPE bigint; ALTER SEQUENCE ${quoted(schema, sequence)} AS bigint;`
}

function widerColumn({ tableSchema, table, column }: OwnedSequence): Remedy {
  return {
    schema: tableSchema ?? '',
    table: table ?? '',
    column: column ?? '',
    change: declared =>
      `Declare ${declared.columns.get(column ?? '') ?? column} as bigint({ mode: 'number' }) or bigserial, then generate a migration.`,
  }
}

export const sequenceBehind: Check = {
  id: 'sequence-behind',
  async run(subject) {
    const filling = (await subject.once(sequences)).filter(({ indexed }) => indexed)
    return orOk(
      [
        ...filling.flatMap(behind),
        ...unread(
          subject,
          filling,
          ', or every row of what they fill',
          ({ readable, columnReadable }) => readable && columnReadable,
          ({ locked, columnLocked }) => locked || columnLocked,
        ),
      ],
      'Every sequence is ahead of the column that it fills.',
    )
  },
}

function behind(sequence: OwnedSequence): Finding[] {
  const { schema, next, reached, increment, tableSchema, table, column, unique } = sequence
  if (next === null || reached === null) return []
  const descending = increment.startsWith('-')
  const ahead = descending ? BigInt(next) < BigInt(reached) : BigInt(next) > BigInt(reached)
  if (ahead) return []
  const place = `${tableSchema}.${table}.${column}`
  return [
    finding(
      unique ? 'critical' : 'warn',
      `The sequence ${schema}.${sequence.sequence} gives ${next} next, but ${place} is at ${reached} already: ${unique ? 'INSERTs fail with a duplicate key' : 'values come twice'}.`,
      {
        object: place,
        value: next,
        fix: `SELECT setval('${quoted(schema, sequence.sequence).replaceAll("'", "''")}', (SELECT ${descending ? 'min' : 'max'}(${quoted(column ?? '')}) FROM ${quoted(tableSchema ?? '', table ?? '')}));`,
        evidence: [sequence],
      },
    ),
  ]
}

/** What could not be read: for want of a privilege, or because somebody locks it just now. */
function unread(
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

export const integerKeys: Check = {
  id: 'integer-keys',
  async run(subject) {
    const keys = (await subject.once(sequences)).filter(
      ({ primary, type }) => primary && (type === 'integer' || type === 'smallint'),
    )
    return orOk(
      keys.map(sequence => {
        const { tableSchema, table, column, type } = sequence
        return finding(
          'ok',
          `The key ${tableSchema}.${table}.${column} is of type ${type} and ends at ${endsOf(sequence).end}.`,
          {
            object: `${tableSchema}.${table}.${column}`,
            value: usedOf(sequence),
            unit: 'ratio',
            fix: widening(sequence),
            evidence: [sequence],
            remedy: widerColumn(sequence),
          },
        )
      }),
      'No generated key is narrower than bigint.',
    )
  },
}
