/** One thing that a snapshot describes, by a name that both of drizzle-kit's formats share. */
export interface Entity {
  readonly kind: EntityKind
  /** `public` where the snapshot leaves it empty; empty for schemas and roles. */
  readonly schema: string
  /** The table that it belongs to, or empty. */
  readonly table: string
  readonly name: string
  /** As the snapshot has it. */
  readonly value: Value
}

export type EntityKind = (typeof KINDS)[number]

export type Value = Readonly<Record<string, unknown>>

/** drizzle-kit 0.31 keeps version 7 with everything under its name, 1.0 one flat list. */
export type SnapshotFormat = 'named' | 'flat'

const KINDS = [
  'schemas',
  'enums',
  'sequences',
  'roles',
  'tables',
  'columns',
  'indexes',
  'fks',
  'pks',
  'uniques',
  'checks',
  'policies',
  'views',
  'privileges',
] as const

/** Where version 7 keeps what belongs to a table. */
const PARTS = [
  ['columns', 'columns'],
  ['indexes', 'indexes'],
  ['foreignKeys', 'fks'],
  ['compositePrimaryKeys', 'pks'],
  ['uniqueConstraints', 'uniques'],
  ['checkConstraints', 'checks'],
  ['policies', 'policies'],
] as const

/** Where version 7 keeps the rest. */
const WHOLES = ['enums', 'sequences', 'views'] as const

type Named = Readonly<Record<string, Value>>

export function formatOf(snapshot: Value): SnapshotFormat {
  return Array.isArray(snapshot.ddl) ? 'flat' : 'named'
}

export function entitiesOf(snapshot: Value): Entity[] {
  return formatOf(snapshot) === 'flat' ? fromFlat(snapshot.ddl as readonly Value[]) : fromNamed(snapshot)
}

/** The snapshot that holds these entities, with all else as in `like`. */
export function snapshotOf(entities: readonly Entity[], like: Value): Value {
  if (formatOf(like) === 'flat') return { ...like, ddl: entities.map(({ value }) => value) }
  return { ...like, ...toNamed(entities) }
}

export function keyOf({ kind, schema, table, name }: Omit<Entity, 'value'>): string {
  return JSON.stringify([kind, schema, table, name])
}

export function isOfTable(entity: Entity, table: Entity): boolean {
  return entity.table === table.name && entity.schema === table.schema
}

/** `public.users.age`, as people say it. */
export function nameOf({ schema, table, name }: Omit<Entity, 'value' | 'kind'>): string {
  return [schema, table, name].filter(word => word !== '').join('.')
}

const SERIAL = /^(small|big)?serial$/

/** A column that draws from a sequence of its own, which no snapshot lists. */
export function isSerial({ type }: Value): boolean {
  return SERIAL.test(String(type))
}

function fromFlat(rows: readonly Value[]): Entity[] {
  return rows.map(value => {
    const kind = value.entityType as EntityKind
    const name = kind === 'privileges' ? JSON.stringify(value) : text(value.name)
    return { kind, schema: text(value.schema), table: text(value.table), name, value }
  })
}

function fromNamed(snapshot: Value): Entity[] {
  const { tables = {}, schemas = {}, roles = {}, policies = {} } = snapshot as Record<string, Named>
  const names = Object.values(schemas) as unknown as readonly string[]
  return [
    ...names.map((name): Entity => ({ kind: 'schemas', schema: '', table: '', name, value: { name } })),
    ...WHOLES.flatMap(kind =>
      Object.values((snapshot[kind] ?? {}) as Named).map(
        (value): Entity => ({ kind, schema: schemaOf(value), table: '', name: text(value.name), value }),
      ),
    ),
    ...Object.values(roles).map(
      (value): Entity => ({ kind: 'roles', schema: '', table: '', name: text(value.name), value }),
    ),
    ...Object.values(tables).flatMap(fromNamedTable),
    // linked policies name their table themselves
    ...Object.values(policies).map(
      (value): Entity => ({
        kind: 'policies',
        schema: schemaOf(value),
        table: LINKED,
        name: text(value.name),
        value,
      }),
    ),
  ]
}

/** Where a policy of version 7 stands that `.link()` has put beside the tables. No table has a name of this kind. */
const LINKED = '\0linked'

function fromNamedTable(table: Value): Entity[] {
  const schema = schemaOf(table)
  const own = { name: table.name, schema: table.schema, isRLSEnabled: table.isRLSEnabled ?? false }
  return [
    { kind: 'tables', schema, table: '', name: text(table.name), value: own },
    ...PARTS.flatMap(([key, kind]) =>
      Object.values((table[key] ?? {}) as Named).map(
        (value): Entity => ({ kind, schema, table: text(table.name), name: text(value.name), value }),
      ),
    ),
  ]
}

function toNamed(entities: readonly Entity[]): Value {
  const of = (kind: EntityKind) => entities.filter(entity => entity.kind === kind)
  const named = (kind: EntityKind) =>
    Object.fromEntries(of(kind).map(({ schema, name, value }) => [`${schema}.${name}`, value]))
  const bare = (list: readonly Entity[]) => Object.fromEntries(list.map(({ name, value }) => [name, value]))
  return {
    schemas: Object.fromEntries(of('schemas').map(({ name }) => [name, name])),
    roles: bare(of('roles')),
    ...Object.fromEntries(WHOLES.map(kind => [kind, named(kind)])),
    policies: bare(of('policies').filter(({ table }) => table === LINKED)),
    tables: Object.fromEntries(
      of('tables').map(table => [
        `${table.schema}.${table.name}`,
        {
          ...table.value,
          ...Object.fromEntries(
            PARTS.map(([key, kind]) => [key, bare(of(kind).filter(each => isOfTable(each, table)))]),
          ),
        },
      ]),
    ),
  }
}

function schemaOf({ schema }: Value): string {
  return text(schema) || 'public'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
