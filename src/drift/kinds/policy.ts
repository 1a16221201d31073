import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

export function policies({ policies }: Definitions, tableName: TableName): Thing[] {
  return policies.flatMap((policy): Thing[] => {
    const holder = tableName(policy.table)
    if (!holder) return []
    const { oid, name, command, permissive, roles, using, check } = policy
    const sql = quoted(holder.schema, holder.name)
    const body = [
      `AS ${permissive ? 'PERMISSIVE' : 'RESTRICTIVE'} FOR ${command} TO ${roles.join(', ')}`,
      ...(using === null ? [] : [`USING (${using})`]),
      ...(check === null ? [] : [`WITH CHECK (${check})`]),
    ].join(' ')
    const create = `CREATE POLICY ${quoted(name)} ON ${sql} ${body}`
    const drop = `DROP POLICY ${quoted(name)} ON ${sql}`
    return [
      {
        kind: 'policy',
        object: named(holder.schema, holder.name, name),
        name,
        owner: idFor('table', holder.schema, holder.name),
        addresses: [`pg_policy:${oid}:0`],
        properties: { command, permissive, roles, using, check },
        summary: body,
        create: () => [create],
        drop: () => drop,
        rename: to => `ALTER POLICY ${quoted(name)} ON ${sql} RENAME TO ${quoted(to)}`,
        alter: () => ({ statements: [drop, create] }),
      },
    ]
  })
}
