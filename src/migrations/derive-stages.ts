import { isDeepStrictEqual } from 'node:util'
import { quoted } from '../database/identifier.ts'
import { type Entity, type EntityKind, keyOf, type Value } from './derive-entities.ts'

/** One column whose type is another one, or an enum that has to be made anew. */
export interface TypeChange {
  readonly column: Entity
  readonly before: Value
}

/** What is there before anything else is, for what is restored may need it, and goes after all else has gone. */
const MADE_FIRST: readonly EntityKind[] = ['schemas', 'enums', 'sequences', 'roles']

const ARRAY = /(\[\d*\])*$/

/**
 * The way in three steps, for drizzle-kit errs most where a step does several things at once: first all goes that
 * `to` does not have or has differently, and what must be there before anything else is made; then types change;
 * then all the rest is made. No step both drops and makes things of a kind, so no rename is ever asked for.
 */
export function stagesBetween(
  from: readonly Entity[],
  to: readonly Entity[],
): { readonly cleared: Entity[]; readonly retyped: Entity[] } {
  const cleared = clearedState(from, to)
  const wanted = new Map(to.map(entity => [keyOf(entity), entity.value]))
  return { cleared, retyped: cleared.map(entity => retypedAs(entity, wanted.get(keyOf(entity)))) }
}

function clearedState(from: readonly Entity[], to: readonly Entity[]): Entity[] {
  const wanted = new Map(to.map(entity => [keyOf(entity), entity]))
  const present = new Set(from.map(keyOf))
  const changes = typeChanges(from, to)
  const changed = new Set(changes.map(({ column }) => column))
  const views = viewsInTheWay(from, changes)
  const stays = (entity: Entity): boolean => {
    const same = wanted.get(keyOf(entity))
    if (MADE_FIRST.includes(entity.kind) || entity.kind === 'privileges') return true
    if (!same || !hasTable(entity, wanted)) return false
    if (entity.kind === 'tables' || entity.kind === 'columns') return true
    if (entity.kind === 'views') return isSameView(entity.value, same.value) && !views.has(entity)
    return isDeepStrictEqual(entity.value, same.value) && !restsOn(entity, changes)
  }
  return [
    ...to.filter(entity => MADE_FIRST.includes(entity.kind) && !present.has(keyOf(entity))),
    ...from.filter(stays).map(entity => {
      const same = wanted.get(keyOf(entity))
      return same && entity.kind === 'columns'
        ? clearedColumn(entity, same.value, changed.has(entity))
        : entity
    }),
  ]
}

/** A default of the old type stands in the way of the new one; an identity in the way of a default, and the other way round. */
function clearedColumn(column: Entity, wanted: Value, changes: boolean): Entity {
  const { value } = column
  // the flat list has null where version 7 has nothing
  const none = 'entityType' in value ? null : undefined
  return {
    ...column,
    value: {
      ...value,
      ...(changes || wanted.identity ? { default: none } : {}),
      ...(wanted.identity ? { notNull: true } : { identity: none }),
    },
  }
}

function retypedAs(entity: Entity, wanted: Value | undefined): Entity {
  if (!wanted) return entity
  const keys = entity.kind === 'enums' ? ['values'] : entity.kind === 'columns' ? TYPE_KEYS : []
  const taken = Object.fromEntries(keys.map(key => [key, wanted[key]]))
  return { ...entity, value: { ...entity.value, ...taken } }
}

const TYPE_KEYS = ['type', 'typeSchema', 'dimensions']

/** The columns that both have and whose type differs, or whose enum loses a value. */
export function typeChanges(from: readonly Entity[], to: readonly Entity[]): TypeChange[] {
  const wanted = new Map(to.map(entity => [keyOf(entity), entity]))
  const rebuilt = new Set(lostValues(from, to).map(({ type }) => JSON.stringify([type.schema, type.name])))
  return from
    .filter(({ kind }) => kind === 'columns')
    .flatMap(column => {
      const before = wanted.get(keyOf(column))?.value
      if (!before) return []
      const anew = rebuilt.has(JSON.stringify(enumOf(column.value)))
      return anew || !isSameType(column.value, before) ? [{ column, before }] : []
    })
}

/** The enums that lose values, with these. */
export function lostValues(
  from: readonly Entity[],
  to: readonly Entity[],
): { readonly type: Entity; readonly values: readonly string[] }[] {
  const wanted = new Map(to.map(entity => [keyOf(entity), entity]))
  return from
    .filter(({ kind }) => kind === 'enums')
    .flatMap(type => {
      const left = wanted.get(keyOf(type))
      const values = left ? valuesOf(type).filter(value => !valuesOf(left).includes(value)) : []
      return values.length > 0 ? [{ type, values }] : []
    })
}

export function valuesOf({ value }: Entity): readonly string[] {
  return value.values as readonly string[]
}

/** The schema and name of a column's type, were it an enum. */
export function enumOf({ type, typeSchema }: Value): readonly [schema: string, name: string] {
  return [String(typeSchema || 'public'), String(type).replace(ARRAY, '')]
}

/** Whether a column's type is an enum, which alone has a schema in a snapshot. */
export function isOwnType({ typeSchema }: Value): boolean {
  return typeof typeSchema === 'string' && typeSchema !== ''
}

/** The type as SQL has it. */
export function typeSql(value: Value): string {
  const { type, dimensions } = value
  const name = isOwnType(value) ? quoted(...enumOf(value)) : String(type)
  return `${name}${'[]'.repeat(Number(dimensions ?? 0))}`
}

export function isSameType(one: Value, other: Value): boolean {
  return (
    one.type === other.type &&
    (one.typeSchema ?? 'public') === (other.typeSchema ?? 'public') &&
    (one.dimensions ?? 0) === (other.dimensions ?? 0)
  )
}

function hasTable({ table, schema }: Entity, wanted: ReadonlyMap<string, Entity>): boolean {
  return (
    table === '' ||
    table.startsWith('\0') ||
    wanted.has(keyOf({ kind: 'tables', schema, table: '', name: table }))
  )
}

function isSameView(one: Value, other: Value): boolean {
  return one.definition === other.definition && one.materialized === other.materialized
}

/** PostgreSQL alters no column that a view shows: views that speak of such a table, and views on those. */
function viewsInTheWay(from: readonly Entity[], changes: readonly TypeChange[]): Set<Entity> {
  const views = from.filter(({ kind, value }) => kind === 'views' && value.isExisting !== true)
  const found = new Set<Entity>()
  const names = new Set(changes.map(({ column }) => column.table))
  for (let known = -1; known < found.size; ) {
    known = found.size
    for (const view of views) {
      if (found.has(view) || ![...names].some(name => mentions(String(view.value.definition), name))) continue
      found.add(view)
      names.add(view.name)
    }
  }
  return found
}

/** Whether an expression of a table's speaks of a column whose type changes. Plain columns PostgreSQL takes along. */
function restsOn(entity: Entity, changes: readonly TypeChange[]): boolean {
  const { kind, value } = entity
  const columns = Array.isArray(value.columns) ? value.columns : []
  const hasExpression =
    kind === 'checks' ||
    kind === 'policies' ||
    (kind === 'indexes' && (Boolean(value.where) || columns.some(part => part.isExpression === true)))
  if (!hasExpression) return false
  const texts = textsIn(value)
  return changes.some(
    ({ column }) =>
      column.table === entity.table &&
      column.schema === entity.schema &&
      texts.some(text => mentions(text, column.name)),
  )
}

/** The texts in a value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const WORDS = /[^\p{L}\p{N}_$]+/u

/** Whether SQL speaks of a name: `FROM a` does of `a`, and `FROM public.data` does not. */
export function mentions(sql: string, name: string): boolean {
  // a name that must be quoted may hold anything
  return WORDS.test(name) ? sql.includes(name) : sql.split(WORDS).includes(name)
}

/**
 * PostgreSQL makes the columns of a primary key NOT NULL and leaves them so; version 7 does not say it of
 * composite keys, and then nothing would take it back.
 */
export function withImpliedNotNull(entities: readonly Entity[]): Entity[] {
  const keys = entities.filter(({ kind }) => kind === 'pks')
  return entities.map(entity => {
    const implied =
      entity.kind === 'columns' &&
      keys.some(
        key =>
          key.table === entity.table &&
          key.schema === entity.schema &&
          (key.value.columns as readonly string[]).includes(entity.name),
      )
    return implied ? { ...entity, value: { ...entity.value, notNull: true } } : entity
  })
}
