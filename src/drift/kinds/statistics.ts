import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

export function statistics({ statistics }: Definitions, tableName: TableName): Thing[] {
  return statistics.flatMap(({ oid, schema, name, table, definition }): Thing[] => {
    const holder = tableName(table)
    if (!holder) return []
    const drop = `DROP STATISTICS ${quoted(schema, name)}`
    return [
      {
        kind: 'statistics',
        object: named(schema, name),
        name,
        owner: idFor(holder.kind, holder.schema, holder.name),
        addresses: [`pg_statistic_ext:${oid}:0`],
        properties: { definition },
        summary: definition,
        create: () => [definition],
        drop: () => drop,
        rename: to => `ALTER STATISTICS ${quoted(schema, name)} RENAME TO ${quoted(to)}`,
        alter: () => ({ statements: [drop, definition] }),
      },
    ]
  })
}
