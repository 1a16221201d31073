import type { PrivilegeDefinition } from '../../catalog/definitions/privileges.ts'
import type { Definitions } from '../../catalog/definitions/read.ts'
import { type Address, idOf, type Thing } from '../thing.ts'

/** The words that GRANT takes before the name of what it grants on. */
const ON: Partial<Record<Thing['kind'], string>> = {
  schema: 'SCHEMA',
  enum: 'TYPE',
  domain: 'TYPE',
  type: 'TYPE',
  sequence: 'SEQUENCE',
  function: 'ROUTINE',
}

/** What roles may do with the things that were found at the addresses. */
export function privileges({ privileges }: Definitions, things: ReadonlyMap<Address, Thing>): Thing[] {
  return privileges.flatMap((held): Thing[] => {
    const thing = things.get(`${held.catalog}:${held.oid}:${held.column}`)
    return thing && thing.kind !== 'extension' ? [privilege(held, thing)] : []
  })
}

function privilege({ role, privileges }: PrivilegeDefinition, thing: Thing): Thing {
  const column = thing.kind === 'column' ? lastOf(thing.object) : undefined
  const place =
    column === undefined
      ? `${ON[thing.kind] ?? ''} ${thing.object}`.trim()
      : thing.object.slice(0, -column.length - 1)
  const grants = (list: readonly string[]) =>
    list.flatMap(each => statementsOf('GRANT', each, column, place, role))
  const revokes = (list: readonly string[]) =>
    list.flatMap(each => statementsOf('REVOKE', each, column, place, role))
  return {
    kind: 'privilege',
    object: `${thing.object} to ${role}`,
    name: role,
    owner: idOf(thing),
    addresses: [],
    properties: { privileges },
    summary: privileges.join(', '),
    create: () => grants(privileges),
    drop: () => revokes(privileges).join(';\n'),
    rename: () => null,
    alter: (_, found) => {
      const before = found.properties.privileges as readonly string[]
      return {
        statements: [
          ...revokes(before.filter(each => !privileges.includes(each))),
          ...grants(privileges.filter(each => !before.includes(each))),
        ],
      }
    },
  }
}

const GRANTABLE = ' WITH GRANT OPTION'
const LAST_WORD = /(?:"(?:[^"]|"")*"|[^."]+)$/

function lastOf(object: string): string {
  return LAST_WORD.exec(object)?.[0] ?? object
}

function statementsOf(
  verb: 'GRANT' | 'REVOKE',
  privilege: string,
  column: string | undefined,
  place: string,
  role: string,
): string[] {
  const isGrantable = privilege.endsWith(GRANTABLE)
  const word = isGrantable ? privilege.slice(0, -GRANTABLE.length) : privilege
  const what = column === undefined ? word : `${word} (${column})`
  return verb === 'GRANT'
    ? [`GRANT ${what} ON ${place} TO ${role}${isGrantable ? GRANTABLE : ''}`]
    : [`REVOKE ${what} ON ${place} FROM ${role}`]
}
