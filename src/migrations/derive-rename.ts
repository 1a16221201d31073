import { quoted } from '../database/identifier.ts'
import type { Entity, Value } from './derive-entities.ts'
import type { Action } from './derive-reader.ts'

/** A rename or a move that a migration did and that is to be undone. */
export type Rename = Action & { readonly verb: 'rename' | 'move'; readonly to: string }

/** What has to keep its rows or its users, so that it is renamed back rather than dropped and made anew. */
const WORTH_UNDOING = ['table', 'column', 'type', 'schema', 'sequence']

/** The renames among what a migration does, in the order in which they are undone. */
export function renamesOf(actions: readonly Action[]): Rename[] {
  return actions.filter(isRename).toReversed()
}

function isRename(action: Action): action is Rename {
  return (
    (action.verb === 'rename' || action.verb === 'move') &&
    action.to !== undefined &&
    WORTH_UNDOING.includes(action.kind)
  )
}

export function undoingSql({ verb, kind, schema, table, name, to }: Rename): string {
  const word = kind.toUpperCase()
  if (verb === 'move') return `ALTER ${word} ${qualified(to, name)} SET SCHEMA ${quoted(schema)};`
  if (kind === 'column')
    return `ALTER TABLE ${qualified(schema, table)} RENAME COLUMN ${quoted(to)} TO ${quoted(name)};`
  return `ALTER ${word} ${qualified(schema, to)} RENAME TO ${quoted(name)};`
}

/** The same state under the old name; undefined where it does not hold what has been renamed. */
export function undone(entities: readonly Entity[], rename: Rename): Entity[] | undefined {
  const found = entities.some(entity => isRenamed(entity, rename))
  return found ? entities.map(entity => underOldName(entity, rename)) : undefined
}

const ENTITY_KINDS: Readonly<Record<string, Entity['kind']>> = {
  table: 'tables',
  column: 'columns',
  type: 'enums',
  schema: 'schemas',
  sequence: 'sequences',
}

function isRenamed(entity: Entity, { verb, kind, schema, table, name, to }: Rename): boolean {
  if (entity.kind !== ENTITY_KINDS[kind]) return false
  return verb === 'move'
    ? entity.schema === to && entity.name === name
    : entity.name === to && entity.schema === schema && entity.table === table
}

function underOldName(entity: Entity, rename: Rename): Entity {
  const { verb, schema, name } = rename
  if (isRenamed(entity, rename)) {
    return verb === 'move'
      ? { ...entity, schema, value: inSchema(entity.value, schema) }
      : { ...entity, name, value: { ...entity.value, name } }
  }
  switch (rename.kind) {
    case 'table':
      return verb === 'move' ? movedTable(entity, rename) : renamedTable(entity, rename)
    case 'column':
      return renamedColumn(entity, rename)
    case 'type':
      return renamedType(entity, rename)
    case 'schema':
      return renamedSchema(entity, rename)
    default:
      return entity
  }
}

function renamedTable(entity: Entity, { schema, name, to }: Rename): Entity {
  const { value } = entity
  const own = entity.table === to && entity.schema === schema
  const referred = value.tableTo === to && schemaTo(value) === schema
  return {
    ...entity,
    table: own ? name : entity.table,
    value: {
      ...value,
      ...(own && 'table' in value && { table: name }),
      ...(own && 'tableFrom' in value && { tableFrom: name }),
      ...(referred && { tableTo: name }),
    },
  }
}

function movedTable(entity: Entity, { schema, name, to }: Rename): Entity {
  const { value } = entity
  const own = entity.table === name && entity.schema === to
  const referred = value.tableTo === name && schemaTo(value) === to
  return {
    ...entity,
    schema: own ? schema : entity.schema,
    value: {
      ...(own ? inSchema(value, schema) : value),
      ...(referred && { schemaTo: schema }),
    },
  }
}

function renamedColumn(entity: Entity, { schema, table, name, to }: Rename): Entity {
  const { value } = entity
  const own = entity.table === table && entity.schema === schema
  const referred = value.tableTo === table && schemaTo(value) === schema
  const renamed = (column: unknown) => (column === to ? name : column)
  const list = (key: string, applies: boolean) =>
    applies && Array.isArray(value[key])
      ? { [key]: value[key].map(part => (isPart(part) ? renamedPart(part, renamed) : renamed(part))) }
      : {}
  return {
    ...entity,
    value: { ...value, ...list('columns', own), ...list('columnsFrom', own), ...list('columnsTo', referred) },
  }
}

/** A column of an index: under `expression` in version 7, under `value` in the flat list. */
function renamedPart(part: Value, renamed: (column: unknown) => unknown): Value {
  if (part.isExpression === true) return part
  const key = 'expression' in part ? 'expression' : 'value'
  return { ...part, [key]: renamed(part[key]) }
}

function isPart(part: unknown): part is Value {
  return typeof part === 'object' && part !== null
}

const ARRAY = /(\[\d*\])*$/

function renamedType(entity: Entity, { verb, schema, name, to }: Rename): Entity {
  const { value } = entity
  if (entity.kind !== 'columns' || typeof value.type !== 'string') return entity
  const dimensions = ARRAY.exec(value.type)?.[0] ?? ''
  const type = value.type.slice(0, value.type.length - dimensions.length)
  const typeSchema = value.typeSchema || 'public'
  if (verb === 'move')
    return type === name && typeSchema === to
      ? { ...entity, value: { ...value, typeSchema: schema } }
      : entity
  return type === to && typeSchema === schema
    ? { ...entity, value: { ...value, type: `${name}${dimensions}` } }
    : entity
}

function renamedSchema(entity: Entity, { name, to }: Rename): Entity {
  const { value } = entity
  const old = Object.fromEntries(
    ['schema', 'schemaTo', 'typeSchema'].filter(key => value[key] === to).map(key => [key, name]),
  )
  return { ...entity, schema: entity.schema === to ? name : entity.schema, value: { ...value, ...old } }
}

function schemaTo(value: Value): unknown {
  return value.schemaTo || 'public'
}

/** Version 7 writes `public` as an empty text in tables, and nowhere else. */
function inSchema(value: Value, schema: string): Value {
  if (!('schema' in value)) return value
  return { ...value, schema: 'isRLSEnabled' in value && schema === 'public' ? '' : schema }
}

/** As drizzle-kit writes it: a name in public goes by the search_path. */
export function qualified(schema: string, name: string): string {
  return schema === 'public' || schema === '' ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}
