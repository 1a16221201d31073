import type { When } from './indexed.ts'

/** A column of a Drizzle table. */
export interface Column {
  readonly name: string
  readonly table: object
}

/** Columns that point, and those that they point to: `one(users, { fields: [posts.authorId], references: [users.id] })`. */
export interface Pair {
  readonly fields: readonly Column[]
  readonly references: readonly Column[]
  /** What rows of the table of `fields` must hold; undefined where that cannot be read. */
  readonly when: When | undefined
}

const COLUMNS = Symbol.for('drizzle:Columns')

/** What an export of a schema module declares: `relations()` of drizzle-orm 0.x, or `defineRelations()` of 1.0. */
export function pairsOf(exported: unknown): Pair[] {
  if (typeof exported !== 'object' || exported === null) return []
  const { config, table } = exported as { config?: unknown; table?: unknown }
  if (typeof config === 'function' && table !== undefined) return declaredPairs(config as Declared)
  return Object.values(exported).flatMap(each => {
    const { relations } = (each ?? {}) as { relations?: unknown }
    if (typeof relations !== 'object' || relations === null) return []
    return Object.values(relations).flatMap(relation => definedPairs(relation))
  })
}

type Declared = (helpers: {
  one(table: object, pair?: Partial<Omit<Pair, 'when'>>): unknown
  many(table: object): unknown
}) => unknown

/** drizzle-orm gives each relation its name. */
const UNNAMED = { withFieldName: () => UNNAMED }

function declaredPairs(config: Declared): Pair[] {
  const pairs: Pair[] = []
  config({
    one: (_, { fields, references } = {}) => {
      if (fields && references) pairs.push({ fields, references, when: [] })
      return UNNAMED
    },
    many: () => UNNAMED,
  })
  return pairs
}

/** How 1.0 holds a column. */
interface Held {
  readonly _: { readonly column: Column }
}

/** `r.one.users({ from: r.posts.authorId, to: r.users.id })` */
interface Defined {
  readonly relationType: 'one' | 'many'
  readonly sourceColumns: readonly Held[]
  readonly targetColumns: readonly Held[]
  readonly targetTable: { readonly [COLUMNS]?: Readonly<Record<string, Column>> }
  /** Of many to many, the columns of the table between the two. */
  readonly through?: { readonly source: readonly Held[]; readonly target: readonly Held[] }
  readonly where?: unknown
  /** Whether drizzle has made the relation of the one that leads the other way, its condition included. */
  readonly isFilterReversed?: boolean
}

function definedPairs(relation: unknown): Pair[] {
  if (!isDefined(relation) || relation.isFilterReversed) return []
  const { relationType, through, targetTable, where } = relation
  const source = relation.sourceColumns.map(columnOf)
  const target = relation.targetColumns.map(columnOf)
  if (through) {
    return [
      { fields: through.source.map(columnOf), references: source, when: [] },
      { fields: through.target.map(columnOf), references: target, when: [] },
    ]
  }
  const when = whenOf(where, targetTable[COLUMNS] ?? {})
  // the condition is on rows of the target, and it is the source's that point
  if (relationType === 'one')
    return [{ fields: source, references: target, when: when?.length === 0 ? when : undefined }]
  return [{ fields: target, references: source, when }]
}

function isDefined(relation: unknown): relation is Defined {
  const { relationType, sourceColumns, targetColumns } = (relation ?? {}) as Partial<Defined>
  return relationType !== undefined && sourceColumns !== undefined && targetColumns !== undefined
}

function columnOf({ _: { column } }: Held): Column {
  return column
}

/**
 * Texts that tell which table a row points to: `where: { subjectTable: 'projects' }`, also `{ eq: 'projects' }`.
 * Undefined where there is any other condition: without it rows of other tables would come along.
 */
function whenOf(where: unknown, columns: Readonly<Record<string, Column>>): When | undefined {
  if (isLeftOut(where)) return []
  if (typeof where !== 'object' || where === null) return undefined
  const when = Object.entries(where)
    .filter(([, value]) => !isLeftOut(value))
    .map(([key, value]) => {
      const column = columns[key]
      const text = textOf(value)
      return column && text !== undefined ? ([column.name, text] as const) : undefined
    })
  return when.every(each => each !== undefined) ? when : undefined
}

/** 1.0 has a symbol for a condition that is not there. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || value === Symbol.for('drizzle:EmptyFilter')
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : undefined
  const operators = Object.entries(value).filter(([, operand]) => !isLeftOut(operand))
  const [[name, operand] = [], ...others] = operators
  return name === 'eq' && others.length === 0 && typeof operand === 'string' ? operand : undefined
}
