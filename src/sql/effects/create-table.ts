import type {
  ColumnDef,
  Constraint as ConstraintNode,
  CreateStmt,
  RangeVar,
  TableLikeClause,
} from 'libpg-query'
import { addRelation, inherit } from '../change.ts'
import { type Draft, lock, named } from '../draft.ts'
import {
  findRelation,
  newRelation,
  type Relation,
  type RelationKind,
  type Relations,
  schemaFor,
} from '../relations.ts'
import { all, nameOf, rangeName, words } from '../tree.ts'
import { addColumn, makeSequence } from './columns.ts'
import { addForeignKey } from './foreign-key.ts'
import { addKey, copyIndex } from './keys.ts'

export function createTable(draft: Draft, stmt: CreateStmt): void {
  const { relation, partbound, partspec } = stmt
  if (!relation || isThere(draft, relation)) return
  const table = makeRelation(draft, relation, partspec ? 'partitioned table' : 'table')
  if (stmt.ofTypename) lock(draft, named(draft, nameOf(words(stmt.ofTypename.names))), 'AccessShareLock')
  for (const like of all('TableLikeClause', stmt.tableElts)) copyColumns(draft, table, like)
  for (const column of all('ColumnDef', stmt.tableElts)) addColumn(draft, table, column)
  for (const parent of all('RangeVar', stmt.inhRelations)) heir(draft, table, parent, partbound !== undefined)
  addConstraints(draft, table, stmt)
  if (partbound) copyParent(draft, table)
}

/** Whether it exists, so that IF NOT EXISTS ends the statement; without these words the statement fails. */
export function isThere({ relations }: Draft, range: RangeVar): boolean {
  return findRelation(relations, { ...rangeName(range), schema: schemaOf(relations, range) }) !== undefined
}

function schemaOf(relations: Relations, range: RangeVar): string {
  return range.relpersistence === 't' ? 'pg_temp' : schemaFor(relations, rangeName(range))
}

export function makeRelation(draft: Draft, range: RangeVar, kind: RelationKind): Relation {
  const relation = newRelation({
    kind,
    schema: schemaOf(draft.relations, range),
    name: range.relname ?? '',
    unlogged: range.relpersistence === 'u',
  })
  lock(draft, relation, 'AccessExclusiveLock')
  return addRelation(draft.relations, relation)
}

function heir(draft: Draft, table: Relation, range: RangeVar, isPartition: boolean): void {
  const parent = named(draft, rangeName(range))
  lock(draft, parent, isPartition ? 'AccessExclusiveLock' : 'ShareUpdateExclusiveLock')
  inherit(table, parent)
  for (const [name, column] of parent.columns) table.columns.set(name, { ...column })
}

/** A partition takes over its parent's indexes. */
function copyParent(draft: Draft, table: Relation): void {
  for (const parent of table.parents) {
    for (const index of parent.indexes) {
      inherit(copyIndex(draft, table, index), index)
      lock(draft, index, 'ShareUpdateExclusiveLock')
    }
  }
}

interface Placed {
  readonly constraint: ConstraintNode
  readonly columns: readonly string[]
}

/** Keys are made before foreign keys, the primary one first, which decides on their names. */
function addConstraints(draft: Draft, table: Relation, { tableElts }: CreateStmt): void {
  const placed = [
    ...all('ColumnDef', tableElts).flatMap(placedConstraints),
    ...all('Constraint', tableElts).map(constraint => ({ constraint, columns: columnsOf(constraint) })),
  ]
  for (const type of ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'] as const)
    for (const { constraint, columns } of placed.filter(each => each.constraint.contype === type))
      addKey(draft, table, constraint, columns)
  for (const { constraint, columns } of placed)
    if (constraint.contype === 'CONSTR_FOREIGN') addForeignKey(draft, table, constraint, columns, false)
}

/** The constraints that stand behind a column. */
export function placedConstraints({ colname = '', constraints }: ColumnDef): Placed[] {
  return all('Constraint', constraints).map(constraint => ({ constraint, columns: [colname] }))
}

export function columnsOf({ keys, fk_attrs }: ConstraintNode): string[] {
  return words(fk_attrs ?? keys)
}

/** CREATE_TABLE_LIKE_… of PostgreSQL's parsenodes.h */
const LIKE_IDENTITY = 1 << 5
const LIKE_INDEXES = 1 << 6

function copyColumns(draft: Draft, table: Relation, { relation, options = 0 }: TableLikeClause): void {
  if (!relation) return
  const source = named(draft, rangeName(relation))
  lock(draft, source, 'AccessShareLock')
  for (const [name, column] of source.columns) {
    const copies = (options & LIKE_IDENTITY) !== 0 && column.identity
    const sequence = copies ? makeSequence(draft, table, name, undefined) : undefined
    table.columns.set(name, { ...column, sequence })
  }
  if ((options & LIKE_INDEXES) === 0) return
  for (const index of source.indexes) copyIndex(draft, table, index)
}
