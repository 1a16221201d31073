import type { Definitions } from '../catalog/definitions/read.ts'
import { columns } from './kinds/column.ts'
import { constraints } from './kinds/constraint.ts'
import { domains } from './kinds/domain.ts'
import { enums } from './kinds/enum.ts'
import { extensions } from './kinds/extension.ts'
import { functions } from './kinds/function.ts'
import { indexes } from './kinds/index.ts'
import { policies } from './kinds/policy.ts'
import { privileges } from './kinds/privilege.ts'
import { schemas } from './kinds/schema.ts'
import { sequences } from './kinds/sequence.ts'
import { statistics } from './kinds/statistics.ts'
import { tables } from './kinds/table.ts'
import { tableNames } from './kinds/table-name.ts'
import { rules, triggers } from './kinds/trigger.ts'
import { types } from './kinds/type.ts'
import { views } from './kinds/view.ts'
import { type Address, type Id, idOf, type Thing } from './thing.ts'

/** One of the two databases that are compared. */
export interface Side {
  readonly things: ReadonlyMap<Id, Thing>
  /** What each cannot be without, its owner among them. */
  readonly needs: ReadonlyMap<Id, ReadonlySet<Id>>
}

export interface SideOptions {
  /** What is nobody's business: drizzle's history and our own. */
  readonly outside: readonly Id[]
  readonly privileges: boolean
}

/** A database's definitions as things that can be compared, made and dropped. */
export function sideOf(definitions: Definitions, options: SideOptions): Side {
  const tableName = tableNames(definitions)
  const all = [
    ...schemas(definitions),
    ...extensions(definitions),
    ...enums(definitions),
    ...domains(definitions),
    ...types(definitions),
    ...sequences(definitions, tableName),
    ...tables(definitions),
    ...columns(definitions, tableName),
    ...constraints(definitions, tableName),
    ...indexes(definitions, tableName),
    ...statistics(definitions, tableName),
    ...views(definitions),
    ...functions(definitions),
    ...triggers(definitions, tableName),
    ...rules(definitions, tableName),
    ...policies(definitions, tableName),
  ]
  const addresses = new Map<Address, Thing>(
    all.flatMap(thing => thing.addresses.map(each => [each, thing] as const)),
  )
  const granted = options.privileges ? privileges(definitions, addresses) : []
  const things = within([...all, ...granted], options.outside)
  return { things, needs: needsOf(definitions, things, addresses) }
}

/** Without what is outside and what comes and goes with that; a schema alone does not take along what is in it. */
function within(all: readonly Thing[], outside: readonly Id[]): Map<Id, Thing> {
  const byId = new Map(all.map(thing => [idOf(thing), thing]))
  const isOutside = (thing: Thing): boolean => {
    if (outside.includes(idOf(thing))) return true
    const owner = thing.owner === null ? undefined : byId.get(thing.owner)
    return owner !== undefined && owner.kind !== 'schema' && isOutside(owner)
  }
  return new Map([...byId].filter(([, thing]) => !isOutside(thing)))
}

function needsOf(
  { dependencies }: Definitions,
  things: ReadonlyMap<Id, Thing>,
  addresses: ReadonlyMap<Address, Thing>,
): Map<Id, Set<Id>> {
  const needs = new Map<Id, Set<Id>>([...things.keys()].map(id => [id, new Set()]))
  const find = (catalog: string, oid: string, column: number) =>
    addresses.get(`${catalog}:${oid}:${column}`) ?? addresses.get(`${catalog}:${oid}:0`)
  for (const { catalog, oid, column, neededCatalog, neededOid, neededColumn } of dependencies) {
    const user = find(catalog, oid, column)
    const needed = find(neededCatalog, neededOid, neededColumn)
    if (user && needed && user !== needed) needs.get(idOf(user))?.add(idOf(needed))
  }
  for (const [id, { kind, owner }] of things) {
    // a sequence stands before the column that owns it, whose default draws from it
    if (kind === 'sequence')
      for (const each of [...(needs.get(id) ?? [])])
        if (!each.startsWith('schema:')) needs.get(id)?.delete(each)
    if (owner !== null && kind !== 'sequence') needs.get(id)?.add(owner)
  }
  return needs
}
