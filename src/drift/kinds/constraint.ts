import type { ConstraintDefinition } from '../../catalog/definitions/constraints.ts'
import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, type Mend, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

export function constraints({ constraints, types }: Definitions, tableName: TableName): Thing[] {
  const domains = new Map(types.map(type => [type.oid, type]))
  return constraints.flatMap((constraint): Thing[] => {
    const holder = tableName(constraint.table) ?? domains.get(constraint.domain)
    if (!holder) return []
    const isDomains = constraint.table === '0'
    const { schema, name } = holder
    const alter = `ALTER ${isDomains ? 'DOMAIN' : 'TABLE'} ${quoted(schema, name)}`
    const create = `${alter} ADD CONSTRAINT ${quoted(constraint.name)} ${constraint.definition}${SUFFIX[stateOf(constraint)]}`
    const drop = `${alter} DROP CONSTRAINT ${quoted(constraint.name)}`
    const index =
      constraint.index !== '0' && constraint.kind !== 'f' ? [`pg_class:${constraint.index}:0` as const] : []
    return [
      {
        kind: 'constraint',
        object: named(schema, name, constraint.name),
        name: constraint.name,
        owner: idFor(isDomains ? 'domain' : 'table', schema, name),
        addresses: [`pg_constraint:${constraint.oid}:0`, ...index],
        properties: { definition: constraint.definition, state: stateOf(constraint) },
        shape: constraint.kind,
        summary: constraint.definition + SUFFIX[stateOf(constraint)],
        create: () => [create],
        drop: () => drop,
        rename: to => `${alter} RENAME CONSTRAINT ${quoted(constraint.name)} TO ${quoted(to)}`,
        alter: (property, found): Mend => {
          const isOnlyUntested = property === 'state' && found.properties.state === 'not valid'
          return isOnlyUntested && stateOf(constraint) === 'valid'
            ? { statements: [`${alter} VALIDATE CONSTRAINT ${quoted(constraint.name)}`] }
            : { lifts: ['constraint', 'view', 'materialized view'], statements: [drop, create] }
        },
      },
    ]
  })
}

type State = 'valid' | 'not valid' | 'not enforced'

const SUFFIX: Record<State, string> = {
  valid: '',
  'not valid': ' NOT VALID',
  'not enforced': ' NOT ENFORCED',
}

/** What is not enforced has not been tested either. */
function stateOf({ validated, enforced }: ConstraintDefinition): State {
  return enforced ? (validated ? 'valid' : 'not valid') : 'not enforced'
}
