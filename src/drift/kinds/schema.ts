import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { named, type Thing } from '../thing.ts'

export function schemas({ schemas }: Definitions): Thing[] {
  return schemas.map(({ oid, name }) => ({
    kind: 'schema',
    object: named(name),
    name,
    owner: null,
    addresses: [`pg_namespace:${oid}:0`],
    properties: {},
    summary: `schema ${named(name)}`,
    create: () => [`CREATE SCHEMA ${quoted(name)}`],
    // what is in it is as unexpected as itself, and what needs that from outside goes before
    drop: () => `DROP SCHEMA ${quoted(name)} CASCADE`,
    rename: to => `ALTER SCHEMA ${quoted(name)} RENAME TO ${quoted(to)}`,
    alter: () => null,
  }))
}
