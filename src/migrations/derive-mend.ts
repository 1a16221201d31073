import { quoted } from '../database/identifier.ts'
import type { Entity } from './derive-entities.ts'
import { type Action, readDdl } from './derive-reader.ts'
import { qualified } from './derive-rename.ts'
import { enumOf, isOwnType, mentions, type TypeChange } from './derive-stages.ts'

/** One of drizzle-kit's statements, read. */
export interface Answer {
  readonly sql: string
  readonly actions: readonly Action[]
}

const CONCURRENTLY = /^(CREATE (?:UNIQUE )?INDEX|DROP INDEX) CONCURRENTLY /
const PLACEHOLDER = /^-- ALTER TABLE (.+) DROP CONSTRAINT "<constraint_name>";$/m
const TRAILING = /;\s*$/

/** Stands for the name of a primary key that the snapshots do not know. */
export const PRIMARY_KEY = '<primary key>'

/** Reads what drizzle-kit answers; undefined for a statement that it is not known to write. */
export function readAnswer(sql: string): Answer | undefined {
  const unnamedKey = PLACEHOLDER.exec(sql)?.[1]
  if (unnamedKey !== undefined)
    return readAnswer(`ALTER TABLE ${unnamedKey} DROP CONSTRAINT "${PRIMARY_KEY}";`)
  const actions = readDdl(sql)
  return actions && { sql: sql.trim(), actions }
}

/** Without CONCURRENTLY: for what runs in one transaction, or it could be left half-way. */
export function withinTransaction(sql: string): string {
  return sql.replace(CONCURRENTLY, '$1 ')
}

/**
 * The order in which things can go: what rests on others first. Tables go in one statement and without CASCADE, so
 * that what no migration has made is never taken along.
 */
export function clearing(answers: readonly Answer[], from: readonly Entity[]): string[] {
  const foreignKeys = new Set(from.filter(({ kind }) => kind === 'fks').map(({ name }) => name))
  const views = viewsInOrder(answers, from).toReversed()
  const tables = answers
    .flatMap(({ actions }) => actions.filter(isDropOf('table')))
    .map(({ schema, name }) => qualified(schema, name))
  const rank = ({ actions: [action] }: Answer): number => {
    if (action?.verb === 'create') return 0
    if (action?.kind === 'view') return 1
    if (action?.kind === 'policy') return 2
    return action?.kind === 'constraint' && foreignKeys.has(action.name) ? 3 : 5
  }
  const rest = answers.filter(({ actions: [action] }) => {
    if (!action || isDropOf('table')(action) || isDropOf('view')(action)) return false
    // policies and row level security go with their table
    return action.table === '' || !tables.includes(qualified(action.schema, action.table))
  })
  const all = [...views, ...rest]
  const before = byRank(
    all.filter(answer => rank(answer) < 5),
    rank,
  )
  const after = all.filter(answer => rank(answer) === 5)
  const drop = tables.length === 0 ? [] : [`DROP TABLE ${tables.join(', ')};`]
  return [...before.map(({ sql }) => sql), ...drop, ...after.map(({ sql }) => sql)]
}

/** The order in which things can come back: keys after their columns, foreign keys after the keys they refer to, views after what they show. */
export function restoring(answers: readonly Answer[], to: readonly Entity[]): Answer[] {
  const foreignKeys = new Set(to.filter(({ kind }) => kind === 'fks').map(({ name }) => name))
  const primaryKeys = new Set(to.filter(({ kind }) => kind === 'pks').map(({ name }) => name))
  const rank = ({ actions: [action] }: Answer): number => {
    if (!action) return 0
    const { verb, kind, name } = action
    if (verb === 'drop') return MADE_FIRST.includes(kind) ? 6 : 0
    if (verb !== 'create') return 0
    if (kind === 'constraint') return foreignKeys.has(name) ? 3 : name === '' || primaryKeys.has(name) ? 1 : 2
    if (kind === 'index') return 2
    return kind === 'view' ? 4 : kind === 'policy' ? 5 : 0
  }
  const rest = answers.filter(
    ({ actions: [action] }) => !(action?.kind === 'view' && action.verb === 'create'),
  )
  return byRank([...rest, ...viewsInOrder(answers, to)], rank)
}

const MADE_FIRST: readonly Action['kind'][] = ['type', 'sequence', 'schema', 'role']

function isDropOf(kind: Action['kind']) {
  return (action: Action) => action.verb === 'drop' && action.kind === kind
}

function byRank(answers: readonly Answer[], rank: (answer: Answer) => number): Answer[] {
  return answers.toSorted((one, other) => rank(one) - rank(other))
}

/** What makes or drops views, those first on which others rest: drizzle-kit goes by the alphabet. */
function viewsInOrder(answers: readonly Answer[], entities: readonly Entity[]): Answer[] {
  const definitions = new Map(
    entities
      .filter(({ kind }) => kind === 'views')
      .map(({ name, value }) => [name, String(value.definition)]),
  )
  const open = answers.filter(({ actions: [action] }) => action?.kind === 'view' && action.verb !== 'alter')
  const nameOf = ({ actions: [action] }: Answer) => action?.name ?? ''
  const ordered: Answer[] = []
  while (open.length > 0) {
    const free = open.findIndex(answer =>
      open.every(
        other => other === answer || !mentions(definitions.get(nameOf(answer)) ?? '', nameOf(other)),
      ),
    )
    ordered.push(...open.splice(Math.max(free, 0), 1))
  }
  return ordered
}

/** A change of type with a USING: without one PostgreSQL refuses most, and no enum is cast to another directly. */
export function withUsing({ sql, actions }: Answer, changes: readonly TypeChange[]): string {
  const [action] = actions
  if (action?.kind !== 'column' || action.to === undefined) return sql
  const change = changes.find(
    ({ column }) =>
      column.name === action.name && column.table === action.table && column.schema === action.schema,
  )
  const betweenEnums =
    change !== undefined &&
    isOwnType(change.column.value) &&
    isOwnType(change.before) &&
    String(enumOf(change.column.value)) !== String(enumOf(change.before))
  if (sql.includes(' USING ') && !betweenEnums) return sql
  const [bare = ''] = sql.replace(TRAILING, '').split(' USING ')
  const text = action.to.endsWith('[]') ? 'text[]' : 'text'
  return `${bare} USING ${quoted(action.name)}${betweenEnums ? `::${text}` : ''}::${action.to};`
}

/** Puts an identity's sequence behind the values that the column holds: drizzle-kit begins it anew, and the next insert would fail. */
export function continuedIdentity({ sql, actions }: Answer): string[] {
  const [action] = actions
  if (action?.kind !== 'column' || action.verb !== 'alter' || !sql.includes(' ADD GENERATED ')) return [sql]
  const table = qualified(action.schema, action.table)
  const column = quoted(action.name)
  const sequence = `pg_get_serial_sequence(${literal(table)}, ${literal(action.name)})`
  return [
    sql,
    `SELECT setval(${sequence}, max(${column})) FROM ${table} HAVING max(${column}) >= (SELECT seqstart FROM pg_sequence WHERE seqrelid = ${sequence}::regclass);`,
  ]
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
