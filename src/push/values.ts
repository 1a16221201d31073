import { isDeepStrictEqual } from 'node:util'
import type { CatalogEntity } from '../catalog/described.ts'
import type { Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'

type Facts = CatalogEntity['facts']

/** Gives a fact of the database in the words of a snapshot. */
type Write = (facts: Facts, value: Value) => Value

/** Each kind's facts in the words of version 7 (`journal`) and of the flat list (`folders`). */
const COLUMN: Readonly<Record<Layout, Readonly<Record<string, Write>>>> = {
  journal: {
    type: facts => ({ type: typeText(facts), typeSchema: facts.enumSchema ?? undefined }),
    notNull: ({ notNull }) => ({ notNull }),
    default: ({ default: preset }) => ({ default: preset ?? undefined }),
    serial: ({ serial }) => (serial ? { default: DRAWN } : {}),
    generated: ({ generated }) => ({
      generated: generated ? { as: (generated as Facts).as, type: 'stored' } : undefined,
    }),
    identity: ({ identity }, { name, identity: own }) => ({
      identity: identity
        ? {
            name: (own as Value | undefined)?.name ?? `${name}_seq`,
            schema: '',
            ...identityOf(identity as Facts),
          }
        : undefined,
    }),
  },
  folders: {
    type: facts => ({
      type: facts.enum ?? withoutBrackets(String(facts.type)),
      typeSchema: facts.enumSchema,
      dimensions: facts.dimensions,
    }),
    notNull: ({ notNull }) => ({ notNull }),
    default: ({ default: preset }) => ({ default: withoutCast(preset) }),
    serial: ({ serial }) => (serial ? { default: DRAWN } : {}),
    generated: ({ generated }) => ({
      generated: generated ? { as: (generated as Facts).as, type: 'stored' } : null,
    }),
    identity: ({ identity }, { name, identity: own }) => ({
      identity: identity
        ? {
            name: (own as Value | null)?.name ?? `${name}_seq`,
            ...identityOf(identity as Facts),
            cache: Number((identity as Facts).cache),
          }
        : null,
    }),
  },
}

const CAST_LITERAL = /^('(?:[^']|'')*')::[^']+$/

/** 1.0 reads the JSON in a default, and stumbles over a cast behind it. */
function withoutCast(preset: unknown): unknown {
  return typeof preset === 'string' ? preset.replace(CAST_LITERAL, '$1') : null
}

/** The default that a serial brings; whatever it is, it has to go. */
const DRAWN = `nextval('sequence')`

/** Facts that are told by one word with others. */
const TOLD_WITH: Readonly<Record<string, string>> = { enum: 'type', enumSchema: 'type', dimensions: 'type' }

/** A column as the schema describes it, but with what the database has otherwise. */
export function columnWith(layout: Layout, value: Value, wanted: Facts, live: Facts): Value {
  const differing = Object.keys(live).filter(key => !isDeepStrictEqual(live[key], wanted[key]))
  const words = new Set(differing.map(key => TOLD_WITH[key] ?? key))
  return Object.assign({}, value, ...[...words].map(key => COLUMN[layout][key]?.(live, value)))
}

/** A column of which only the database knows. */
export function columnOf(layout: Layout, { schema, table, name, facts }: CatalogEntity): Value {
  const bare =
    layout === 'journal' ? { name, primaryKey: false } : { schema, table, name, entityType: 'columns' }
  return Object.assign({}, bare, ...Object.values(COLUMN[layout]).map(write => write(facts, bare)))
}

function typeText({ enum: name, dimensions, type }: Facts): string {
  return name ? `${name}${'[]'.repeat(Number(dimensions))}` : String(type)
}

const BRACKETS = /(\[\])+$/

function withoutBrackets(type: string): string {
  return type.replace(BRACKETS, '')
}

function identityOf({ always, increment, start, min, max, cache, cycle }: Facts): Value {
  return {
    type: always ? 'always' : 'byDefault',
    increment,
    startWith: start,
    minValue: min,
    maxValue: max,
    cache,
    cycle,
  }
}

type Other = Exclude<CatalogEntity['kind'], 'columns' | 'schemas'>

/**
 * What the database has of another kind. Where drizzle-kit makes such a thing anew rather than alter it, it is
 * enough that the words differ.
 */
const WRITERS: Readonly<Record<Layout, Readonly<Record<Other, (entity: CatalogEntity) => Value>>>> = {
  journal: {
    roles: ({ name, facts }) => ({ name, ...facts }),
    tables: ({ name, schema, facts }) => ({
      name,
      schema: schema === 'public' ? '' : schema,
      isRLSEnabled: facts.rls,
    }),
    enums: ({ name, schema, facts }) => ({ name, schema, values: facts.values }),
    sequences: ({ name, schema, facts }) => ({
      name,
      schema,
      increment: facts.increment,
      startWith: facts.start,
      minValue: facts.min,
      maxValue: facts.max,
      cache: facts.cache,
      cycle: facts.cycle,
    }),
    views: ({ name, schema, facts }) => ({
      columns: {},
      name,
      schema,
      definition: facts.definition,
      isExisting: false,
      materialized: facts.materialized,
    }),
    pks: ({ name, facts }) => ({ name, columns: facts.columns }),
    uniques: ({ name, facts }) => ({
      name,
      columns: facts.columns,
      nullsNotDistinct: isNullsNotDistinct(facts),
    }),
    checks: ({ name, facts }) => ({ name, value: facts.definition }),
    fks: ({ name, table, facts }) => ({
      name,
      tableFrom: table,
      tableTo: table,
      columnsFrom: facts.columns,
      columnsTo: facts.columns,
      onDelete: facts.definition,
      onUpdate: 'no action',
    }),
    indexes: ({ name, facts }) => ({
      name,
      columns: [{ expression: facts.definition, isExpression: true, asc: true, nulls: 'last' }],
      isUnique: false,
      method: 'btree',
      concurrently: false,
      with: {},
    }),
    policies: ({ name, facts }) => ({ name, ...policyOf(facts), to: facts.to }),
  },
  folders: {
    roles: ({ name, facts }) => ({ name, ...facts, entityType: 'roles' }),
    tables: ({ name, schema, facts }) => ({ name, schema, isRlsEnabled: facts.rls, entityType: 'tables' }),
    enums: ({ name, schema, facts }) => ({ name, schema, values: facts.values, entityType: 'enums' }),
    sequences: ({ name, schema, facts }) => ({
      name,
      schema,
      incrementBy: facts.increment,
      startWith: facts.start,
      minValue: facts.min,
      maxValue: facts.max,
      cacheSize: Number(facts.cache),
      cycle: facts.cycle,
      entityType: 'sequences',
    }),
    views: ({ name, schema, facts }) => ({
      name,
      schema,
      definition: facts.definition,
      with: null,
      withNoData: null,
      using: null,
      tablespace: null,
      materialized: facts.materialized,
      entityType: 'views',
    }),
    pks: entity => ({ ...placed(entity), columns: entity.facts.columns, nameExplicit: true }),
    uniques: entity => ({
      ...placed(entity),
      columns: entity.facts.columns,
      nullsNotDistinct: isNullsNotDistinct(entity.facts),
      nameExplicit: true,
    }),
    checks: entity => ({ ...placed(entity), value: entity.facts.definition }),
    fks: entity => ({
      ...placed(entity),
      columns: entity.facts.columns,
      schemaTo: entity.schema,
      tableTo: entity.table,
      columnsTo: entity.facts.columns,
      onDelete: entity.facts.definition,
      onUpdate: 'NO ACTION',
      nameExplicit: true,
    }),
    indexes: entity => ({
      ...placed(entity),
      columns: [
        { value: entity.facts.definition, isExpression: true, asc: true, nullsFirst: false, opclass: null },
      ],
      isUnique: false,
      where: null,
      with: '',
      method: 'btree',
      concurrently: false,
      nameExplicit: true,
    }),
    policies: entity => ({ ...placed(entity), ...policyOf(entity.facts), roles: entity.facts.to }),
  },
}

function isNullsNotDistinct({ definition }: Facts): boolean {
  return String(definition).includes('NULLS NOT DISTINCT')
}

/** What the database has, in the words of a snapshot. */
export function snapshotValue(layout: Layout, entity: CatalogEntity): Value {
  const { kind, name } = entity
  if (kind === 'columns') return columnOf(layout, entity)
  if (kind === 'schemas') return layout === 'journal' ? { name } : { name, entityType: kind }
  return WRITERS[layout][kind](entity)
}

function placed({ kind, schema, table, name }: CatalogEntity): Value {
  return { schema, table, name, entityType: kind }
}

function policyOf({ as, for: command, using, withCheck }: Facts): Value {
  return {
    as,
    for: command,
    ...(using !== null && { using }),
    ...(withCheck !== null && { withCheck }),
  }
}
