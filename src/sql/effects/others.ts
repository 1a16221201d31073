import type {
  AlterDomainStmt,
  AlterPolicyStmt,
  AlterPublicationStmt,
  AlterSeqStmt,
  CommentStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateEnumStmt,
  CreateFunctionStmt,
  CreatePolicyStmt,
  CreatePublicationStmt,
  CreateSeqStmt,
  CreateStatsStmt,
  CreateTrigStmt,
  GrantStmt,
  Node,
  RuleStmt,
  VariableSetStmt,
} from 'libpg-query'
import { attach } from '../change.ts'
import { type Draft, find, lock, lockAll, named, scan, unknown } from '../draft.ts'
import { descendants, findType, type Relation, relationKey, schemaFor } from '../relations.ts'
import { all, as, type Name, nameOf, rangeName, words, wordsOf } from '../tree.ts'
import { isThere, makeRelation } from './create-table.ts'
import { readQuery } from './query.ts'

export function createSequence(draft: Draft, { sequence, options, if_not_exists }: CreateSeqStmt): void {
  if (!sequence || (if_not_exists && isThere(draft, sequence))) return
  ownedBy(draft, makeRelation(draft, sequence, 'sequence'), options)
}

export function alterSequence(draft: Draft, { sequence, options, missing_ok }: AlterSeqStmt): void {
  if (!sequence || (missing_ok && !find(draft, sequence))) return
  const relation = named(draft, rangeName(sequence), 'sequence')
  lock(draft, relation, 'RowExclusiveLock', 'ShareRowExclusiveLock')
  ownedBy(draft, relation, options)
}

function ownedBy(draft: Draft, sequence: Relation, options: readonly Node[] | undefined): void {
  const option = all('DefElem', options).find(({ defname }) => defname === 'owned_by')
  const owner = wordsOf(option?.arg)
  if (owner.length < 2) return
  const table = named(draft, nameOf(owner.slice(0, -1)))
  lock(draft, table, 'AccessShareLock')
  sequence.needs = owner.slice(-1)
  attach(sequence, table)
}

/** CREATE_TRIGGER's events, of PostgreSQL's pg_trigger.h, are those of the catalog. */
export function createTrigger(draft: Draft, stmt: CreateTrigStmt): void {
  const { relation, constrrel, trigname: name = '', events = 0 } = stmt
  if (!relation) return
  const table = named(draft, rangeName(relation))
  lock(draft, table, 'ShareRowExclusiveLock')
  if (table.kind === 'partitioned table' && stmt.row)
    lockAll(draft, descendants(table), 'ShareRowExclusiveLock')
  if (constrrel) lock(draft, named(draft, rangeName(constrrel)), 'AccessShareLock')
  table.triggers.push({ name, events })
}

export function policy(draft: Draft, { table, qual, with_check }: CreatePolicyStmt | AlterPolicyStmt): void {
  if (!table) return
  lock(draft, named(draft, rangeName(table)), 'AccessExclusiveLock')
  readQuery(draft, [qual, with_check], 'define')
}

export function createRule(draft: Draft, { relation, whereClause, actions }: RuleStmt): void {
  if (!relation) return
  lock(draft, named(draft, rangeName(relation)), 'AccessExclusiveLock')
  readQuery(draft, [whereClause, actions], 'define')
}

export function createStatistics(draft: Draft, { relations, defnames, exprs }: CreateStatsStmt): void {
  const { schema, name } = nameOf(words(defnames))
  for (const range of all('RangeVar', relations)) {
    const table = named(draft, rangeName(range))
    lock(draft, table, 'ShareUpdateExclusiveLock')
    const columns = all('StatsElem', exprs).map(({ name: column = '' }) => column)
    table.statistics.push({ schema: schema ?? schemaFor(draft.relations, { schema }), name, columns })
  }
}

const COMMENTED_RELATIONS = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]
const COMMENTED_PARTS = ['OBJECT_TABCONSTRAINT', 'OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE']

export function comment(draft: Draft, { objtype = 'OBJECT_TYPE', object }: CommentStmt): void {
  const parts = wordsOf(object)
  if (COMMENTED_RELATIONS.includes(objtype))
    lock(draft, named(draft, nameOf(parts)), 'ShareUpdateExclusiveLock')
  const owner = nameOf(parts.slice(0, -1))
  if (objtype === 'OBJECT_COLUMN') lock(draft, named(draft, owner), 'ShareUpdateExclusiveLock')
  if (COMMENTED_PARTS.includes(objtype)) lock(draft, named(draft, owner), 'AccessShareLock')
}

/** Tables are locked since PostgreSQL 18. */
export function grant(draft: Draft, { targtype, objtype, objects }: GrantStmt): void {
  const isRelation = objtype === 'OBJECT_TABLE' || objtype === 'OBJECT_SEQUENCE'
  if (draft.server.major < 18 || targtype !== 'ACL_TARGET_OBJECT' || !isRelation) return
  for (const range of all('RangeVar', objects)) lock(draft, named(draft, rangeName(range)), 'AccessShareLock')
}

export function alterPublication(draft: Draft, stmt: AlterPublicationStmt): void {
  createPublication(draft, stmt)
  if (stmt.action === 'AP_SetObjects') unknown(draft, 'takes tables out of the publication')
}

export function createPublication(
  draft: Draft,
  { pubobjects }: Pick<CreatePublicationStmt, 'pubobjects'>,
): void {
  for (const { pubtable } of all('PublicationObjSpec', pubobjects)) {
    if (!pubtable?.relation) continue
    const table = named(draft, rangeName(pubtable.relation))
    lock(draft, table, 'ShareUpdateExclusiveLock')
    if (table.kind === 'table') lockAll(draft, descendants(table), 'ShareUpdateExclusiveLock')
  }
}

export function createComposite(draft: Draft, { typevar }: CompositeTypeStmt): void {
  if (!typevar) return
  makeRelation(draft, typevar, 'composite type')
  addType(draft, rangeName(typevar), false)
}

export function createEnum(draft: Draft, { typeName }: CreateEnumStmt): void {
  addType(draft, nameOf(words(typeName)), false)
}

export function createDomain(draft: Draft, { domainname, constraints }: CreateDomainStmt): void {
  const forbids = all('Constraint', constraints).some(
    ({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL',
  )
  addType(draft, nameOf(words(domainname)), forbids)
}

function addType({ relations }: Draft, name: Name, constrained: boolean): void {
  const schema = schemaFor(relations, name)
  const type = { schema, name: name.name, base: '0', baseModifier: -1, element: '0', constrained }
  relations.types.set(relationKey(type), { oid: `new ${schema}.${name.name}`, ...type })
}

/** AlterDomainStmt.subtype: a constraint comes, NOT NULL comes, a constraint is validated. */
const READS_TABLES = ['C', 'O', 'V']

export function alterDomain(draft: Draft, { subtype = '', typeName, def }: AlterDomainStmt): void {
  const type = findType(draft.relations, nameOf(words(typeName)))
  if (!type || !READS_TABLES.includes(subtype) || as('Constraint', def)?.skip_validation) return
  for (const { table } of draft.relations.typeUses.get(type.oid) ?? []) {
    lock(draft, table, 'ShareLock')
    scan(draft, table)
  }
}

/** A function in SQL is checked against the tables that it names. */
export function createFunction(draft: Draft, { funcname, options, sql_body }: CreateFunctionStmt): void {
  const option = (name: string) => all('DefElem', options).find(({ defname }) => defname === name)?.arg
  const name = words(funcname).at(-1) ?? ''
  const volatility = as('String', option('volatility'))?.sval ?? 'volatile'
  draft.relations.functions.set(name, { name, volatile: volatility === 'volatile', system: false })
  readQuery(draft, sql_body, 'define')
  if (as('String', option('language'))?.sval?.toLowerCase() !== 'sql') return
  const body = wordsOf(option('as'))[0] ?? ''
  for (const { tree } of draft.parser.parse(body)) readQuery(draft, tree, 'define')
}

export function setVariable({ relations }: Draft, { name, args, kind }: VariableSetStmt): void {
  if (kind !== 'VAR_RESET_ALL' && name !== 'search_path') return
  const schemas = all('A_Const', args).map(({ sval }) => sval?.sval ?? '')
  // "$user" is a schema in few databases, and then not where migrations work
  relations.searchPath =
    kind === 'VAR_SET_VALUE' ? schemas.filter(schema => schema !== '$user') : relations.usualSearchPath
}
