import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, type Kind, type Mend, named, type Thing, text } from '../thing.ts'

/** What refers to the enum's own operators or values, and so keeps a column from taking another type. */
const IN_THE_WAY: readonly Kind[] = [
  'view',
  'materialized view',
  'policy',
  'trigger',
  'rule',
  'constraint',
  'index',
]

export function enums({ types }: Definitions): Thing[] {
  return types.flatMap((type): Thing[] => {
    const { oid, schema, name, values } = type
    if (type.kind !== 'e' || values === null) return []
    const sql = quoted(schema, name)
    const create = `CREATE TYPE ${sql} AS ENUM (${values.map(text).join(', ')})`
    return [
      {
        kind: 'enum',
        object: named(schema, name),
        name,
        owner: idFor('schema', schema),
        addresses: [`pg_type:${oid}:0`],
        properties: { values },
        summary: `enum (${values.join(', ')})`,
        create: () => [create],
        drop: () => `DROP TYPE ${sql}`,
        rename: to => `ALTER TYPE ${sql} RENAME TO ${quoted(to)}`,
        alter: (_, found, users) => {
          const before = found.properties.values as readonly string[]
          const renamed = renaming(sql, values, before)
          if (renamed) return { statements: [renamed] }
          const isOnlyLonger = before.every(
            (value, at) => value === values.filter(each => before.includes(each))[at],
          )
          return isOnlyLonger
            ? { statements: adding(sql, values, before) }
            : rebuilding(schema, name, create, users)
        },
      },
    ]
  })
}

/** One value by another name in the same place. */
function renaming(sql: string, values: readonly string[], before: readonly string[]): string | undefined {
  const others = values.filter((value, at) => value !== before[at])
  const [value] = others
  if (values.length !== before.length || others.length !== 1 || value === undefined) return undefined
  const old = before[values.indexOf(value)] ?? ''
  return before.includes(value) ? undefined : `ALTER TYPE ${sql} RENAME VALUE ${text(old)} TO ${text(value)}`
}

function adding(sql: string, values: readonly string[], before: readonly string[]): string[] {
  return values.flatMap((value, at) => {
    if (before.includes(value)) return []
    const previous = values[at - 1]
    const place = previous === undefined ? ` BEFORE ${text(before[0] ?? '')}` : ` AFTER ${text(previous)}`
    return [`ALTER TYPE ${sql} ADD VALUE ${text(value)}${before.length === 0 ? '' : place}`]
  })
}

/** PostgreSQL takes no value away and moves none: the type is made anew, and its columns change over. */
function rebuilding(schema: string, name: string, create: string, users: readonly Thing[]): Mend {
  const old = `${name}_drift`
  const columns = users.filter(({ kind }) => kind === 'column')
  return {
    lifts: IN_THE_WAY,
    statements: [
      `ALTER TYPE ${quoted(schema, name)} RENAME TO ${quoted(old)}`,
      create,
      ...columns.flatMap(column => column.alter('type', column, [])?.statements ?? []),
      `DROP TYPE ${quoted(schema, old)}`,
    ],
  }
}
