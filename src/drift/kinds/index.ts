import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

export function indexes({ indexes }: Definitions, tableName: TableName): Thing[] {
  return indexes.flatMap(({ oid, schema, name, table, definition, valid }): Thing[] => {
    const holder = tableName(table)
    if (!holder) return []
    const drop = `DROP INDEX ${quoted(schema, name)}`
    return [
      {
        kind: 'index',
        object: named(schema, name),
        name,
        owner: idFor(holder.kind, holder.schema, holder.name),
        addresses: [`pg_class:${oid}:0`],
        properties: { definition, valid },
        summary: definition,
        create: () => [definition],
        drop: () => drop,
        rename: to => `ALTER INDEX ${quoted(schema, name)} RENAME TO ${quoted(to)}`,
        alter: property => ({
          statements: property === 'valid' ? [`REINDEX INDEX ${quoted(schema, name)}`] : [drop, definition],
        }),
      },
    ]
  })
}
