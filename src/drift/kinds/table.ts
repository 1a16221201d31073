import type { Definitions } from '../../catalog/definitions/read.ts'
import type { TableDefinition } from '../../catalog/definitions/tables.ts'
import { quoted } from '../../database/identifier.ts'
import { type Id, idFor, type Mend, named, optionChanges, optionList, type Thing } from '../thing.ts'
import { columnSpecs } from './column.ts'

export function tables(definitions: Definitions): Thing[] {
  const specs = columnSpecs(definitions)
  return definitions.tables.map((table): Thing => {
    const columns = specs.get(table.oid) ?? []
    return {
      kind: 'table',
      object: named(table.schema, table.name),
      name: table.name,
      owner: ownerOf(table),
      addresses: [`pg_class:${table.oid}:0`],
      properties: {
        kind: KIND[table.kind] ?? table.kind,
        unlogged: table.unlogged,
        rowSecurity: table.rowSecurity,
        forcedRowSecurity: table.forcedRowSecurity,
        options: table.options ?? [],
        replicaIdentity: table.replicaIdentity,
        partitionKey: table.partitionKey,
        parents: parentsOf(table),
        server: table.server,
      },
      summary: `${KIND[table.kind]} (${columns.map(({ name }) => name).join(', ')})`,
      create: () => [
        createSql(
          table,
          columns.map(({ spec }) => spec),
        ),
        ...switches(table),
      ],
      complete: () =>
        table.replicaIdentity === 'DEFAULT'
          ? []
          : [alterSql(table, `REPLICA IDENTITY ${table.replicaIdentity}`)],
      drop: () => `DROP ${table.kind === 'f' ? 'FOREIGN ' : ''}TABLE ${sqlName(table)}`,
      rename: to => alterSql(table, `RENAME TO ${quoted(to)}`),
      alter: (property, found) => alter(table, property, found),
    }
  })
}

const KIND: Readonly<Record<string, string>> = { r: 'table', p: 'partitioned table', f: 'foreign table' }

/** A partition goes with its table. */
function ownerOf({ schema, partitionBound, parents }: TableDefinition): Id {
  const [parent] = parents ?? []
  return partitionBound !== null && parent !== undefined ? `table:${parent}` : idFor('schema', schema)
}

/** With the bound that makes it a partition: `public.events FOR VALUES FROM (1) TO (10)`. */
function parentsOf({ parents, partitionBound }: TableDefinition): readonly string[] {
  return (parents ?? []).map(parent => (partitionBound === null ? parent : `${parent} ${partitionBound}`))
}

function sqlName({ schema, name }: TableDefinition): string {
  return quoted(schema, name)
}

function alterSql(table: TableDefinition, action: string): string {
  return `ALTER ${table.kind === 'f' ? 'FOREIGN ' : ''}TABLE ${sqlName(table)} ${action}`
}

function createSql(table: TableDefinition, columns: readonly string[]): string {
  const { kind, unlogged, options, partitionKey, partitionBound, parents, server } = table
  const words = kind === 'f' ? 'FOREIGN TABLE' : unlogged ? 'UNLOGGED TABLE' : 'TABLE'
  const isPartition = partitionBound !== null
  const body = isPartition
    ? `PARTITION OF ${parents?.[0]} ${partitionBound}`
    : `(\n  ${columns.join(',\n  ')}\n)`
  return [
    `CREATE ${words} ${sqlName(table)} ${body}`,
    ...(parents !== null && !isPartition ? [`INHERITS (${parents.join(', ')})`] : []),
    ...(partitionKey === null ? [] : [`PARTITION BY ${partitionKey}`]),
    ...(server === null ? [] : [`SERVER ${server}`]),
    ...(options === null ? [] : [`WITH (${optionList(options)})`]),
  ].join(' ')
}

function switches(table: TableDefinition): string[] {
  return [
    ...(table.rowSecurity ? [alterSql(table, 'ENABLE ROW LEVEL SECURITY')] : []),
    ...(table.forcedRowSecurity ? [alterSql(table, 'FORCE ROW LEVEL SECURITY')] : []),
  ]
}

function alter(table: TableDefinition, property: string, found: Thing): Mend | null {
  const actions: Record<string, string> = {
    unlogged: table.unlogged ? 'SET UNLOGGED' : 'SET LOGGED',
    rowSecurity: `${table.rowSecurity ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`,
    forcedRowSecurity: `${table.forcedRowSecurity ? '' : 'NO '}FORCE ROW LEVEL SECURITY`,
    replicaIdentity: `REPLICA IDENTITY ${table.replicaIdentity}`,
  }
  if (property === 'options')
    return {
      statements: optionChanges(
        alterSql(table, '').trimEnd(),
        table.options ?? [],
        found.properties.options ?? [],
      ),
    }
  if (property === 'parents') return { statements: parentChanges(table, found) }
  const action = actions[property]
  return action === undefined ? null : { statements: [alterSql(table, action)] }
}

function parentChanges(table: TableDefinition, found: Thing): string[] {
  const before = found.properties.parents as readonly string[]
  const after = parentsOf(table)
  return [
    ...before
      .filter(parent => !after.includes(parent))
      .map(parent => {
        const [name, ...bound] = parent.split(' ')
        return bound.length > 0
          ? `ALTER TABLE ${name} DETACH PARTITION ${sqlName(table)}`
          : alterSql(table, `NO INHERIT ${name}`)
      }),
    ...after
      .filter(parent => !before.includes(parent))
      .map(parent => {
        const [name, ...bound] = parent.split(' ')
        return bound.length > 0
          ? `ALTER TABLE ${name} ATTACH PARTITION ${sqlName(table)} ${bound.join(' ')}`
          : alterSql(table, `INHERIT ${name}`)
      }),
  ]
}
