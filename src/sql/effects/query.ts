import type { FuncCall, LockingClause, Node, RangeVar, SelectStmt, WithClause } from 'libpg-query'
import { type Draft, lock, named, unknown } from '../draft.ts'
import { findRelation, type Relation } from '../relations.ts'
import { all, as, rangeName, words } from '../tree.ts'
import { planned } from './planner.ts'
import { deleteRows, insertRows, mergeRows, updateRows } from './rows.ts'

/** How a query is met: run, or only written down in a view, a policy or a function. */
export type Purpose = 'run' | 'define'

/** What surrounds a part of a query. */
interface Scope {
  readonly purpose: Purpose
  /** The names that WITH gives. */
  readonly given: ReadonlySet<string>
  /** The relations of FROM that FOR UPDATE and its kin lock, by the names they have there. */
  readonly locked: ReadonlySet<string> | 'all' | 'none'
}

/** The locks of a query, or of an expression with queries in it. */
export function readQuery(draft: Draft, tree: unknown, purpose: Purpose = 'run'): void {
  visit(draft, tree, { purpose, given: new Set(), locked: 'none' })
}

function visit(draft: Draft, value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(draft, each, scope)
  } else if (typeof value === 'object' && value !== null) {
    for (const [kind, body] of Object.entries(value)) visitNode(draft, kind, body, scope)
  }
}

function visitNode(draft: Draft, kind: string, body: unknown, scope: Scope): void {
  if (kind === 'SelectStmt' || isSelect(body)) visitSelect(draft, body as SelectStmt, scope)
  else if (isChange(kind)) visitChange(draft, kind, body as object, scope)
  else if (kind === 'RangeVar') visitRange(draft, body as RangeVar, scope)
  else {
    if (kind === 'FuncCall') visitCall(draft, body as FuncCall, scope)
    visit(draft, body, scope)
  }
}

/** The halves of a UNION stand there without their kind. */
function isSelect(body: unknown): body is SelectStmt {
  return typeof body === 'object' && body !== null && 'limitOption' in body
}

const CHANGES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const

type Change = (typeof CHANGES)[number]

function isChange(kind: string): kind is Change {
  return CHANGES.some(change => change === kind)
}

function visitSelect(draft: Draft, select: SelectStmt, outer: Scope): void {
  const { withClause, fromClause, lockingClause, intoClause, ...rest } = select
  const scope = within(draft, withClause, outer)
  const clauses = all('LockingClause', lockingClause)
  const locked = outer.locked === 'all' ? 'all' : lockedBy(clauses)
  visit(draft, fromClause, { ...scope, locked })
  visit(draft, rest, { ...scope, locked: 'none' })
}

function lockedBy(clauses: readonly LockingClause[]): Scope['locked'] {
  if (clauses.length === 0) return 'none'
  const named = clauses.flatMap(({ lockedRels }) => all('RangeVar', lockedRels))
  return clauses.some(({ lockedRels }) => !lockedRels?.length)
    ? 'all'
    : new Set(named.map(({ relname = '' }) => relname))
}

/** Reads the queries of WITH, and gives the scope of what follows. */
function within(draft: Draft, withClause: WithClause | undefined, scope: Scope): Scope {
  const given = new Set(scope.given)
  for (const { ctename = '', ctequery } of all('CommonTableExpr', withClause?.ctes)) {
    const own = withClause?.recursive ? new Set([...given, ctename]) : new Set(given)
    visit(draft, ctequery, { ...scope, given: own, locked: 'none' })
    given.add(ctename)
  }
  return { ...scope, given }
}

function visitRange(draft: Draft, range: RangeVar, { purpose, given, locked }: Scope): void {
  const name = rangeName(range)
  if (name.schema === undefined && given.has(name.name)) return
  if (isSystem(draft, range)) return
  const relation = named(draft, name)
  if (purpose === 'define') {
    lock(draft, relation, 'AccessShareLock')
    return
  }
  const alias = range.alias?.aliasname ?? name.name
  const forUpdate = locked === 'all' || (locked !== 'none' && locked.has(alias))
  if (relation.kind === 'sequence') lock(draft, relation, 'AccessShareLock')
  else planned(draft, relation, forUpdate ? 'RowShareLock' : 'AccessShareLock', range.inh !== true)
}

const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema']

/** The system's own tables are left out of every list. */
function isSystem({ relations }: Draft, { schemaname, relname = '' }: RangeVar): boolean {
  if (schemaname) return SYSTEM_SCHEMAS.includes(schemaname)
  return relname.startsWith('pg_') && !findRelation(relations, { schema: undefined, name: relname })
}

function visitChange(
  draft: Draft,
  kind: Change,
  body: { readonly relation?: RangeVar; readonly withClause?: WithClause },
  outer: Scope,
): void {
  const { relation, withClause, ...rest } = body
  const scope = { ...within(draft, withClause, outer), locked: 'none' } as const
  if (!relation) return
  const target = named(draft, rangeName(relation))
  if (outer.purpose === 'define') lock(draft, target, 'RowExclusiveLock')
  else if (kind === 'InsertStmt') insertRows(draft, target, body)
  else if (kind === 'UpdateStmt') updateRows(draft, target, body)
  else if (kind === 'DeleteStmt') deleteRows(draft, target, relation.inh !== true)
  else mergeRows(draft, target, body)
  visit(draft, rest, scope)
}

/** Functions of a sequence lock it; what the functions of a project do cannot be seen. */
function visitCall(draft: Draft, { funcname, args }: FuncCall, { purpose }: Scope): void {
  if (purpose === 'define') return
  const name = words(funcname).at(-1) ?? ''
  if (SEQUENCE_FUNCTIONS.includes(name)) {
    const sequence = sequenceOf(draft, args?.[0])
    if (sequence) lock(draft, sequence, 'RowExclusiveLock')
    else unknown(draft, `calls ${name}() with a sequence that cannot be seen`)
  } else if (draft.relations.functions.get(name)?.system !== true) unknown(draft, `calls ${name}()`)
}

const SEQUENCE_FUNCTIONS = ['nextval', 'setval', 'currval']

function sequenceOf({ relations }: Draft, argument: Node | undefined): Relation | undefined {
  const cast = as('TypeCast', argument)
  const call = as('FuncCall', argument)
  if (words(call?.funcname).at(-1) === 'pg_get_serial_sequence') {
    const table = findRelation(relations, dotted(literal(call?.args?.[0])))
    const column = literal(call?.args?.[1])
    return [...(table?.sequences ?? [])].find(({ needs }) => needs.includes(column))
  }
  return findRelation(relations, dotted(literal(cast?.arg ?? argument)))
}

function literal(node: Node | undefined): string {
  return as('A_Const', node)?.sval?.sval ?? ''
}

const DOTTED = /^(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^".]+)$/

/** `public."My Table"` in a string. */
function dotted(text: string) {
  const [, schema, name = ''] = DOTTED.exec(text) ?? []
  return { schema: schema === undefined ? undefined : unquoted(schema), name: unquoted(name) }
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase()
}
