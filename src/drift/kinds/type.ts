import type { ColumnDefinition } from '../../catalog/definitions/columns.ts'
import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'

/** Composite types and ranges. */
export function types({ types, columns }: Definitions): Thing[] {
  return types.flatMap((type): Thing[] => {
    const { oid, schema, name, kind, base, relation } = type
    if (kind !== 'c' && kind !== 'r') return []
    const sql = quoted(schema, name)
    const attributes = columns.filter(({ table }) => table === relation)
    const body = kind === 'r' ? `RANGE (SUBTYPE = ${base})` : `(${attributes.map(attributeSql).join(', ')})`
    return [
      {
        kind: 'type',
        object: named(schema, name),
        name,
        owner: idFor('schema', schema),
        addresses: kind === 'r' ? [`pg_type:${oid}:0`] : [`pg_type:${oid}:0`, `pg_class:${relation}:0`],
        properties: kind === 'r' ? { subtype: base } : { attributes: attributes.map(attributeSql) },
        summary: `type ${body}`,
        create: () => [`CREATE TYPE ${sql} AS ${body}`],
        drop: () => `DROP TYPE ${sql}`,
        rename: to => `ALTER TYPE ${sql} RENAME TO ${quoted(to)}`,
        alter: (property, found) =>
          property === 'attributes'
            ? { statements: [`ALTER TYPE ${sql} ${changes(attributes, found).join(', ')}`] }
            : null,
      },
    ]
  })
}

function attributeSql({ name, type, collation }: ColumnDefinition): string {
  return `${quoted(name)} ${type}${collation === null ? '' : ` COLLATE ${collation}`}`
}

function changes(attributes: readonly ColumnDefinition[], found: Thing): string[] {
  const before = found.properties.attributes as readonly string[]
  const nameOf = (attribute: string) => attribute.slice(0, attribute.indexOf('" ') + 1)
  const names = before.map(nameOf)
  const wanted = attributes.map(({ name }) => quoted(name))
  return [
    ...names.filter(name => !wanted.includes(name)).map(name => `DROP ATTRIBUTE ${name}`),
    ...attributes.flatMap(attribute => {
      const sql = attributeSql(attribute)
      if (before.includes(sql)) return []
      if (!names.includes(quoted(attribute.name))) return [`ADD ATTRIBUTE ${sql}`]
      return [`ALTER ATTRIBUTE ${sql.replace('" ', '" TYPE ')}`]
    }),
  ]
}
