import type { OwnedSequence } from '../catalog/owned-sequences.ts'
import { quoted } from '../database/identifier.ts'
import { type Check, type Finding, finding, orOk } from './check.ts'
import { sequences, unread } from './sequence-sight.ts'

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
