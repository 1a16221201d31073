import { isDeepStrictEqual } from 'node:util'
import type { CatalogEntity } from '../catalog/described.ts'
import { type Entity, keyOf, type Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'
import type { Care } from './care.ts'
import { columnWith, snapshotValue } from './values.ts'

/** What the database holds, in the words of the code wherever the two mean the same. */
export interface LiveState {
  readonly entities: readonly Entity[]
  /** What the database holds of its own and keeps, for no filter of the config names it. */
  readonly leftAlone: readonly CatalogEntity[]
  /** What the database has otherwise than the code. */
  readonly differing: readonly Entity[]
}

export interface Sides {
  readonly layout: Layout
  /** What the schema files describe. */
  readonly code: readonly Entity[]
  /** The same as the server understands it. */
  readonly wanted: readonly CatalogEntity[]
  readonly live: readonly CatalogEntity[]
  readonly care: Care
}

export function liveState({ layout, code, wanted, live, care }: Sides): LiveState {
  const wantedBy = new Map(wanted.map(each => [placeOf(each), each]))
  const liveBy = new Map(live.map(each => [placeOf(each), each]))
  const described = new Set(code.map(placeOf))
  const differing: Entity[] = []
  const known = code.flatMap(entity => {
    if (!(entity.kind in COMPARED)) return entity
    const there = liveBy.get(placeOf(entity))
    if (!there) return []
    const meant = wantedBy.get(placeOf(entity))
    // what the server could not make has been told; it is not known to differ
    if (!meant || isAlike(meant, there)) return entity
    differing.push(entity)
    return {
      ...entity,
      name: there.name,
      value:
        entity.kind === 'columns'
          ? columnWith(layout, entity.value, meant.facts, there.facts)
          : { ...snapshotValue(layout, there), ...keptOf(entity) },
    }
  })
  const others = live.filter(each => !described.has(placeOf(each)))
  const tables = new Set(code.filter(({ kind }) => kind === 'tables').map(placeOf))
  const belongs = ({ schema, table: name }: CatalogEntity) =>
    tables.has(placeOf({ kind: 'tables', schema, table: '', name }))
  const goes = (each: CatalogEntity) => (each.table === '' ? care.mayDrop(each) : belongs(each))
  const going = new Set(others.filter(goes))
  // with a table go its parts
  for (const each of others) if (each.table !== '' && hasIn(going, each)) going.add(each)
  const extra = [...going].map((each): Entity => ({ ...each, value: snapshotValue(layout, each) }))
  return {
    entities:
      layout === 'journal' ? withKeysInColumns([...known, ...extra], live, code) : [...known, ...extra],
    leftAlone: others.filter(
      each => !going.has(each) && each.table === '' && each.kind !== 'roles' && each.kind !== 'schemas',
    ),
    differing,
  }
}

/** Everything but what neither side reads back from the catalog, as privileges. */
const COMPARED: Readonly<Record<string, true>> = {
  schemas: true,
  roles: true,
  tables: true,
  columns: true,
  pks: true,
  uniques: true,
  fks: true,
  checks: true,
  indexes: true,
  enums: true,
  sequences: true,
  views: true,
  policies: true,
}

/** A table has one primary key, whatever it is called. */
function placeOf(entity: Omit<Entity, 'value'> & { readonly value?: Value }): string {
  const { kind, schema, table } = entity
  return keyOf({ kind, schema, table, name: kind === 'pks' ? '' : entity.name })
}

function isAlike(one: CatalogEntity, other: CatalogEntity): boolean {
  if (one.kind === 'pks') return isDeepStrictEqual(one.facts.columns, other.facts.columns)
  return isDeepStrictEqual(one.facts, other.facts)
}

/** Where a policy of version 7 stands that `.link()` has put beside the tables, it names its table itself. */
function keptOf({ kind, value }: Entity): Value {
  return kind === 'policies' && 'on' in value ? { on: value.on } : {}
}

function hasIn(going: ReadonlySet<CatalogEntity>, { schema, table }: CatalogEntity): boolean {
  return [...going].some(each => each.kind === 'tables' && each.schema === schema && each.name === table)
}

/** Version 7 keeps the key of a single column with the column, unless the code itself says otherwise. */
function withKeysInColumns(
  entities: readonly Entity[],
  live: readonly CatalogEntity[],
  code: readonly Entity[],
): Entity[] {
  const keys = live.filter(({ kind, facts }) => kind === 'pks' && (facts.columns as string[]).length === 1)
  const composite = new Set(code.filter(({ kind }) => kind === 'pks').map(placeOf))
  const inColumn = keys.filter(key => !composite.has(placeOf(key)))
  const isInColumn = ({ kind, schema, table, name }: Entity) =>
    kind === 'columns' &&
    inColumn.some(
      key => key.schema === schema && key.table === table && (key.facts.columns as string[])[0] === name,
    )
  const hidden = new Set(inColumn.map(placeOf))
  return entities
    .filter(entity => !hidden.has(placeOf(entity)))
    .map(entity =>
      entity.kind === 'columns'
        ? { ...entity, value: { ...entity.value, primaryKey: isInColumn(entity) } }
        : entity,
    )
}
