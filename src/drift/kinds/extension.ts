import type { Definitions } from '../../catalog/definitions/read.ts'
import type { Oid } from '../../catalog/relations.ts'
import { quoted } from '../../database/identifier.ts'
import { type Address, named, type Thing } from '../thing.ts'

/** Versions are not compared: CREATE EXTENSION takes the newest that the server has, so they say when, not what. */
export function extensions({ extensions, members }: Definitions): Thing[] {
  const addresses = new Map<Oid, Address[]>(extensions.map(({ oid }) => [oid, [`pg_extension:${oid}:0`]]))
  for (const { catalog, oid, extension } of members) addresses.get(extension)?.push(`${catalog}:${oid}:0`)
  return extensions.map(({ oid, name, schema }) => ({
    kind: 'extension',
    object: named(name),
    name,
    owner: null,
    addresses: addresses.get(oid) ?? [],
    properties: { schema },
    summary: `extension in ${named(schema)}`,
    create: () => [
      // the schema pg_catalog may not be named
      schema === 'pg_catalog'
        ? `CREATE EXTENSION ${quoted(name)}`
        : `CREATE EXTENSION ${quoted(name)} SCHEMA ${quoted(schema)}`,
    ],
    drop: () => `DROP EXTENSION ${quoted(name)}`,
    rename: () => null,
    alter: () => ({ statements: [`ALTER EXTENSION ${quoted(name)} SET SCHEMA ${quoted(schema)}`] }),
  }))
}
