import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { HOLDS_NO_ROWS, idFor, named, type Thing } from '../thing.ts'

const WORDS: Readonly<Record<string, string>> = {
  f: 'FUNCTION',
  w: 'FUNCTION',
  p: 'PROCEDURE',
  a: 'AGGREGATE',
}

/** Functions, procedures and aggregates. */
export function functions({ routines }: Definitions): Thing[] {
  return routines.map(({ oid, schema, name, arguments: taken, kind, definition, shape }): Thing => {
    const sql = `${quoted(schema, name)}(${taken})`
    const create = kind === 'a' ? `CREATE AGGREGATE ${sql} (${definition})` : definition.trimEnd()
    const drop = `DROP ${WORDS[kind]} ${sql}`
    return {
      kind: 'function',
      object: `${named(schema, name)}(${taken})`,
      name,
      owner: idFor('schema', schema),
      addresses: [`pg_proc:${oid}:0`],
      properties: { definition: create },
      shape,
      summary: create,
      create: () => [create],
      drop: () => drop,
      rename: to => `ALTER ${WORDS[kind]} ${sql} RENAME TO ${quoted(to)}`,
      alter: (_, found) =>
        found.shape === shape && kind !== 'a'
          ? { statements: [create] }
          : { lifts: HOLDS_NO_ROWS, statements: [found.drop(), create] },
    }
  })
}
