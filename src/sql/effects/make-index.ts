import type { Constraint as ConstraintNode, IndexStmt, Node } from 'libpg-query'
import { addRelation, attach, inherit } from '../change.ts'
import { type Draft, lock, named, scan } from '../draft.ts'
import { freeName, indexColumns, joinColumns, numbered } from '../names.ts'
import { findRelation, newRelation, type Relation } from '../relations.ts'
import { all, columnsIn, rangeName, words } from '../tree.ts'

interface NewIndex {
  readonly name: string | undefined
  /** What its columns add to a name that is made for it. */
  readonly columns: readonly string[]
  readonly label: 'pkey' | 'key' | 'excl' | 'idx'
  readonly needs: readonly string[]
  readonly expressions: boolean
}

export function createIndex(draft: Draft, stmt: IndexStmt): void {
  const { relation, indexParams = [], indexIncludingParams = [], whereClause } = stmt
  if (!relation) return
  const table = named(draft, rangeName(relation))
  const exists = findRelation(draft.relations, { schema: table.schema, name: stmt.idxname ?? '' })
  if (stmt.if_not_exists && exists) {
    lock(draft, table, stmt.concurrent ? 'ShareUpdateExclusiveLock' : 'ShareLock')
    return
  }
  const elements = [...indexParams, ...indexIncludingParams]
  const index: NewIndex = {
    name: stmt.idxname || undefined,
    columns: indexColumns(elements),
    label: 'idx',
    needs: [...columnsIn(elements), ...columnsIn(whereClause)],
    expressions:
      whereClause !== undefined || all('IndexElem', indexParams).some(({ expr }) => expr !== undefined),
  }
  if (stmt.concurrent) makeConcurrently(draft, table, index)
  else makeIndex(draft, table, index, relation.inh === true)
}

/** Two scans, between which it waits for the transactions of others; it blocks no writes. */
function makeConcurrently(draft: Draft, table: Relation, index: NewIndex): void {
  lock(draft, table, 'ShareUpdateExclusiveLock')
  scan(draft, table)
  addIndex(draft, table, index)
}

/** The index of a PRIMARY KEY, UNIQUE or EXCLUDE. */
export function makeConstraintIndex(
  draft: Draft,
  table: Relation,
  constraint: ConstraintNode,
  columns: readonly string[],
): Relation {
  const { contype, conname, exclusions = [], including } = constraint
  const excluded = exclusions.flatMap(pair => all('IndexElem', 'List' in pair ? pair.List.items : []))
  const elements: Node[] = excluded.map(IndexElem => ({ IndexElem }))
  const listed = [...(contype === 'CONSTR_EXCLUSION' ? indexColumns(elements) : columns), ...words(including)]
  return makeIndex(draft, table, {
    name: conname || undefined,
    columns: numbered(listed),
    label: contype === 'CONSTR_PRIMARY' ? 'pkey' : contype === 'CONSTR_UNIQUE' ? 'key' : 'excl',
    needs: contype === 'CONSTR_EXCLUSION' ? columnsIn(elements) : listed,
    expressions: excluded.some(({ expr }) => expr !== undefined),
  })
}

/** Builds it on the table and, for a partitioned one, on each partition. */
export function makeIndex(draft: Draft, table: Relation, index: NewIndex, recurse = true): Relation {
  lock(draft, table, 'ShareLock')
  const made = addIndex(draft, table, index)
  lock(draft, made, 'AccessExclusiveLock')
  if (table.kind !== 'partitioned table') {
    scan(draft, table)
    return made
  }
  if (!recurse) return made
  for (const partition of table.children) {
    const part = makeIndex(draft, partition, { ...index, name: undefined })
    inherit(part, made)
    lock(draft, made, 'ShareUpdateExclusiveLock')
  }
  return made
}

function addIndex(
  draft: Draft,
  table: Relation,
  { name, columns, label, needs, expressions }: NewIndex,
): Relation {
  const { relations } = draft
  const added = label === 'pkey' ? undefined : joinColumns(columns)
  const index = newRelation({
    kind: table.kind === 'partitioned table' ? 'partitioned index' : 'index',
    schema: table.schema,
    name: name ?? freeName(relations, table.schema, table.name, added, label),
    needs: [...needs],
    expressions,
  })
  attach(index, table)
  return addRelation(relations, index)
}
