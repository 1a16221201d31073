import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { named, type Thing } from '../thing.ts'

/** Versions are not compared: CREATE EXTENSION takes the newest that the server has, so they say when, not what. */
export function extensions({ extensions }: Definitions): Thing[] {
  return extensions.map(({ oid, name, schema }) => ({
    kind: 'extension',
    object: named(name),
    owner: null,
    addresses: [`pg_extension:${oid}:0`],
    properties: { schema },
    summary: `extension in ${named(schema)}`,
    create: () => [
      // the schema pg_catalog may not be named
      schema === 'pg_catalog'
        ? `CREATE EXTENSION ${quoted(name)}`
        : `CREATE EXTENSION ${quoted(name)} SCHEMA ${quoted(schema)}`,
    ],
    drop: () => `DROP EXTENSION ${quoted(name)}`,
    alter: () => ({ statements: [`ALTER EXTENSION ${quoted(name)} SET SCHEMA ${quoted(schema)}`] }),
  }))
}
