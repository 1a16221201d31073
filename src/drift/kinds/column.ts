import type { ColumnDefinition } from '../../catalog/definitions/columns.ts'
import type { Definitions } from '../../catalog/definitions/read.ts'
import type { SequenceDefinition } from '../../catalog/definitions/sequences.ts'
import type { Oid } from '../../catalog/relations.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import { alterColumn } from './column-changes.ts'
import { sequenceOptions } from './sequence.ts'
import type { TableName } from './table-name.ts'

/** A column with its table's name and its identity's sequence. */
export interface Column extends ColumnDefinition {
  readonly schema: string
  readonly tableName: string
  readonly sequence: SequenceDefinition | undefined
}

export function columns(definitions: Definitions, tableName: TableName): Thing[] {
  return columnsOf(definitions).flatMap(column => {
    const table = tableName(column.table)
    return table ? [columnThing({ ...column, schema: table.schema, tableName: table.name })] : []
  })
}

/** What CREATE TABLE says of each column, by table. */
export function columnSpecs(
  definitions: Definitions,
): Map<Oid, { readonly name: string; readonly spec: string }[]> {
  const specs = new Map<Oid, { name: string; spec: string }[]>()
  for (const column of columnsOf(definitions)) {
    const list = specs.get(column.table) ?? []
    list.push({ name: named(column.name), spec: specOf(column) })
    specs.set(column.table, list)
  }
  return specs
}

function columnsOf({ columns, sequences }: Definitions) {
  const identities = new Map(
    sequences
      .filter(({ identity }) => identity)
      .map(each => [`${each.ownerTable}.${each.ownerColumn}`, each]),
  )
  return columns.map(column => ({ ...column, sequence: identities.get(`${column.table}.${column.name}`) }))
}

function columnThing(column: Column): Thing {
  const { schema, tableName, name, table, position } = column
  const sql = quoted(schema, tableName)
  const own = column.sequence ? [`pg_class:${column.sequence.oid}:0` as const] : []
  return {
    kind: 'column',
    object: named(schema, tableName, name),
    name,
    owner: idFor('table', schema, tableName),
    addresses: [`pg_class:${table}:${position}`, ...own],
    properties: {
      type: column.type,
      collation: column.collation,
      default: column.default,
      nullable: nullability(column),
      identity: identityOf(column) ?? null,
      generated:
        column.generated === null ? null : `(${column.generated}) ${column.virtual ? 'VIRTUAL' : 'STORED'}`,
    },
    summary: specOf(column).slice(quoted(name).length + 1),
    inline: true,
    create: () => [`ALTER TABLE ${sql} ADD COLUMN ${specOf(column)}`],
    drop: () => `ALTER TABLE ${sql} DROP COLUMN ${quoted(name)}`,
    rename: to => `ALTER TABLE ${sql} RENAME COLUMN ${quoted(name)} TO ${quoted(to)}`,
    alter: (property, found) => alterColumn(column, property, found, specOf(column)),
  }
}

function nullability({ notNull, notNullValidated }: ColumnDefinition): string {
  return notNull ? (notNullValidated ? 'NOT NULL' : 'NOT NULL NOT VALID') : 'NULL'
}

/** `BY DEFAULT AS IDENTITY (START WITH 1 …)` */
export function identityOf({
  identity,
  sequence,
}: Pick<Column, 'identity' | 'sequence'>): string | undefined {
  return identity === null || !sequence ? undefined : `${identity} AS IDENTITY (${sequenceOptions(sequence)})`
}

type Spec = Omit<Column, 'schema' | 'tableName'>

function specOf(column: Spec): string {
  const identity = identityOf(column)
  return [
    quoted(column.name),
    column.type,
    ...(column.collation === null ? [] : [`COLLATE ${column.collation}`]),
    ...(column.default === null ? [] : [`DEFAULT ${column.default}`]),
    ...(column.generated === null
      ? []
      : [`GENERATED ALWAYS AS (${column.generated}) ${column.virtual ? 'VIRTUAL' : 'STORED'}`]),
    ...(identity === undefined ? [] : [`GENERATED ${identity}`]),
    ...(column.notNull ? ['NOT NULL'] : []),
  ].join(' ')
}
