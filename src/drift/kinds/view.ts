import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { HOLDS_NO_ROWS, idFor, named, optionChanges, optionList, type Thing } from '../thing.ts'

const END = /;\s*$/

export function views({ views }: Definitions): Thing[] {
  return views.map(({ oid, schema, name, materialized, query, options }): Thing => {
    const words = materialized ? 'MATERIALIZED VIEW' : 'VIEW'
    const sql = quoted(schema, name)
    const body = query.trim().replace(END, '')
    const create = `CREATE ${words} ${sql}${options ? ` WITH (${optionList(options)})` : ''} AS ${body}`
    const drop = `DROP ${words} ${sql}`
    return {
      kind: materialized ? 'materialized view' : 'view',
      object: named(schema, name),
      name,
      owner: idFor('schema', schema),
      addresses: [`pg_class:${oid}:0`],
      properties: { query: body, options: options ?? [] },
      summary: body,
      create: () => [create],
      drop: () => drop,
      rename: to => `ALTER ${words} ${sql} RENAME TO ${quoted(to)}`,
      alter: (property, found) =>
        property === 'options'
          ? {
              statements: optionChanges(
                `ALTER ${words} ${sql}`,
                options ?? [],
                found.properties.options ?? [],
              ),
            }
          : { lifts: HOLDS_NO_ROWS, statements: [drop, create] },
    }
  })
}
