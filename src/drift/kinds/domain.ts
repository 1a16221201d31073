import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'

export function domains({ types }: Definitions): Thing[] {
  return types.flatMap((type): Thing[] => {
    const { oid, schema, name, base, notNull, collation } = type
    if (type.kind !== 'd' || base === null) return []
    const sql = quoted(schema, name)
    const spec = [
      base,
      ...(collation === null ? [] : [`COLLATE ${collation}`]),
      ...(type.default === null ? [] : [`DEFAULT ${type.default}`]),
      ...(notNull ? ['NOT NULL'] : []),
    ].join(' ')
    return [
      {
        kind: 'domain',
        object: named(schema, name),
        name,
        owner: idFor('schema', schema),
        addresses: [`pg_type:${oid}:0`],
        properties: { type: base, collation, default: type.default, nullable: !notNull },
        summary: `domain ${spec}`,
        create: () => [`CREATE DOMAIN ${sql} AS ${spec}`],
        drop: () => `DROP DOMAIN ${sql}`,
        rename: to => `ALTER DOMAIN ${sql} RENAME TO ${quoted(to)}`,
        alter: property => {
          if (property === 'nullable')
            return { statements: [`ALTER DOMAIN ${sql} ${notNull ? 'SET' : 'DROP'} NOT NULL`] }
          if (property !== 'default') return null
          const action = type.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${type.default}`
          return { statements: [`ALTER DOMAIN ${sql} ${action}`] }
        },
      },
    ]
  })
}
