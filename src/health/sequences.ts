import type { OwnedSequence } from '../catalog/owned-sequences.ts'
import { quoted } from '../database/identifier.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds } from './check.ts'
import type { Remedy } from './remedy.ts'
import { sequences, unread } from './sequence-sight.ts'

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
