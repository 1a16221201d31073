import type { Constraint as ConstraintNode } from 'libpg-query'
import { addConstraint, attach, renameRelation } from '../change.ts'
import { type Draft, lock, lockAll, scan } from '../draft.ts'
import { descendants, indexesNamed, type Relation } from '../relations.ts'
import { columnsIn } from '../tree.ts'
import { columnsOf } from './create-table.ts'
import { addForeignKey } from './foreign-key.ts'
import { addKey, kindOf, recordKey } from './keys.ts'
import { provesNotNull } from './proofs.ts'

/** ADD CONSTRAINT, on the table or on one of its heirs. */
export function newConstraint(
  draft: Draft,
  table: Relation,
  constraint: ConstraintNode,
  isHeir: boolean,
): void {
  const columns = columnsOf(constraint)
  const {
    contype,
    indexname,
    skip_validation: isTrusted = false,
    is_enforced: isEnforced = true,
  } = constraint
  switch (contype) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      if (isHeir) for (const column of columns) setNotNull(draft, table, column)
      else if (indexname) useIndex(draft, table, constraint, indexname)
      else {
        addKey(draft, table, constraint, columns)
        if (draft.server.major >= 18 || contype === 'CONSTR_PRIMARY')
          lockAll(draft, descendants(table), 'AccessExclusiveLock')
      }
      break
    case 'CONSTR_FOREIGN':
      addForeignKey(draft, table, constraint, columns, !isTrusted && isEnforced)
      break
    case 'CONSTR_NOTNULL':
      if (!isTrusted) setNotNull(draft, table, columns[0] ?? '')
      break
    case 'CONSTR_CHECK':
      addCheck(draft, table, constraint, !isTrusted && isEnforced, isHeir)
  }
}

function addCheck(
  draft: Draft,
  table: Relation,
  { conname, raw_expr }: ConstraintNode,
  validated: boolean,
  isHeir: boolean,
): void {
  if (validated) scan(draft, table)
  addConstraint({
    name: conname || `${table.name}_check`,
    table,
    kind: 'check',
    columns: isHeir ? [] : columnsIn(raw_expr),
    validated,
    proves: provesNotNull(raw_expr),
  })
}

/** ADD PRIMARY KEY USING INDEX takes the index over and gives it the constraint's name. */
function useIndex(draft: Draft, table: Relation, constraint: ConstraintNode, indexName: string): void {
  const [index] = indexesNamed(table, indexName)
  if (!index) return
  lock(draft, index, 'AccessShareLock')
  const name = constraint.conname || indexName
  if (name !== indexName) {
    lock(draft, index, 'ShareUpdateExclusiveLock')
    renameRelation(draft.relations, index, { name })
  }
  if (constraint.contype === 'CONSTR_PRIMARY')
    for (const column of index.needs) setNotNull(draft, table, column)
  recordKey(table, kindOf(constraint), index.needs, index)
  attach(index, table)
}

/** A scan, unless a valid check says the same. */
export function setNotNull(draft: Draft, table: Relation, name: string): void {
  const column = table.columns.get(name)
  const isProven = [...table.constraints].some(({ validated, proves }) => validated && proves.includes(name))
  if (!column?.notNull && !isProven) scan(draft, table)
  if (column) column.notNull = true
}
