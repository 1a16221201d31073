import type { Definitions } from '../../catalog/definitions/read.ts'
import type { SequenceDefinition } from '../../catalog/definitions/sequences.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

export function sequences({ sequences }: Definitions, tableName: TableName): Thing[] {
  return sequences
    .filter(({ identity }) => !identity)
    .map((sequence): Thing => {
      const { oid, schema, name, ownerTable, ownerColumn, unlogged } = sequence
      const sql = quoted(schema, name)
      const table = ownerTable === null ? undefined : tableName(ownerTable)
      const column = table && ownerColumn !== null ? { ...table, column: ownerColumn } : undefined
      const { type, start, increment, cache, cycles } = sequence
      const { minimum, maximum } = bounds(sequence)
      const ownedBy = column
        ? `ALTER SEQUENCE ${sql} OWNED BY ${quoted(column.schema, column.name, column.column)}`
        : `ALTER SEQUENCE ${sql} OWNED BY NONE`
      return {
        kind: 'sequence',
        object: named(schema, name),
        name,
        owner: column ? idFor('column', column.schema, column.name, column.column) : idFor('schema', schema),
        addresses: [`pg_class:${oid}:0`],
        properties: {
          type,
          start,
          increment,
          minimum,
          maximum,
          cache,
          cycles,
          // an owned one is as its table
          ...(column ? {} : { unlogged }),
          ownedBy: column ? named(column.schema, column.name, column.column) : null,
        },
        summary: `sequence ${sequenceOptions(sequence)}`,
        create: () => [`CREATE ${unlogged ? 'UNLOGGED ' : ''}SEQUENCE ${sql} ${sequenceOptions(sequence)}`],
        complete: () => (column ? [ownedBy, continuing(sql, column)] : []),
        drop: () => `DROP SEQUENCE ${sql}`,
        rename: to => `ALTER SEQUENCE ${sql} RENAME TO ${quoted(to)}`,
        alter: property => {
          const action: Record<string, string> = {
            type: `AS ${type}`,
            start: `START WITH ${start}`,
            increment: `INCREMENT BY ${increment}`,
            minimum: minimum === null ? 'NO MINVALUE' : `MINVALUE ${minimum}`,
            maximum: maximum === null ? 'NO MAXVALUE' : `MAXVALUE ${maximum}`,
            cache: `CACHE ${cache}`,
            cycles: cycles ? 'CYCLE' : 'NO CYCLE',
            unlogged: unlogged ? 'SET UNLOGGED' : 'SET LOGGED',
          }
          return {
            statements: [property === 'ownedBy' ? ownedBy : `ALTER SEQUENCE ${sql} ${action[property]}`],
          }
        },
      }
    })
}

/** As CREATE SEQUENCE and an identity column take them. */
export function sequenceOptions(sequence: SequenceDefinition): string {
  const { type, start, increment, cache, cycles } = sequence
  const { minimum, maximum } = bounds(sequence)
  return [
    ...(sequence.identity ? [] : [`AS ${type}`]),
    `START WITH ${start}`,
    `INCREMENT BY ${increment}`,
    ...(minimum === null ? [] : [`MINVALUE ${minimum}`]),
    ...(maximum === null ? [] : [`MAXVALUE ${maximum}`]),
    `CACHE ${cache}`,
    ...(cycles ? ['CYCLE'] : []),
  ].join(' ')
}

const LARGEST: Readonly<Record<string, string>> = {
  smallint: '32767',
  integer: '2147483647',
  bigint: '9223372036854775807',
}

/** Null where they are the type's own, which they then follow. */
function bounds({ type, increment, minimum, maximum }: SequenceDefinition) {
  const isRising = !increment.startsWith('-')
  const largest = LARGEST[type] ?? ''
  const smallest = String(-BigInt(largest) - 1n)
  return {
    minimum: minimum === (isRising ? '1' : smallest) ? null : minimum,
    maximum: maximum === (isRising ? largest : '-1') ? null : maximum,
  }
}

interface Column {
  readonly schema: string
  readonly name: string
  readonly column: string
}

/** A new sequence begins again, among the rows that the table holds. */
export function continuing(sequence: string, { schema, name, column }: Column): string {
  return `SELECT setval('${sequence.replaceAll("'", "''")}', coalesce(max(${quoted(column)}) + 1, 1), false) FROM ${quoted(schema, name)}`
}
