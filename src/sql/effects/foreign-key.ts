import type { Constraint as ConstraintNode } from 'libpg-query'
import { addConstraint } from '../change.ts'
import { type Draft, lock, lockAll, named, scan } from '../draft.ts'
import { descendants, type ForeignAction, holders, type Relation } from '../relations.ts'
import { rangeName, words } from '../tree.ts'
import { planned } from './planner.ts'

/** A foreign key comes: triggers on both tables, and unless it is taken on trust a join that reads both. */
export function addForeignKey(
  draft: Draft,
  table: Relation,
  constraint: ConstraintNode,
  columns: readonly string[],
  validated: boolean,
): void {
  const { pktable, conname = '' } = constraint
  if (!pktable) return
  const parent = named(draft, rangeName(pktable))
  lockBoth(draft, table, parent, validated)
  addConstraint({
    name: conname || `${table.name}_${columns.join('_')}_fkey`,
    table,
    kind: 'foreign',
    columns,
    references: parent,
    referenced: referencedColumns(parent, words(constraint.pk_attrs)),
    onDelete: (constraint.fk_del_action ?? 'a') as ForeignAction,
    onUpdate: (constraint.fk_upd_action ?? 'a') as ForeignAction,
    validated: !constraint.skip_validation,
  })
}

/** The locks of adding a foreign key, also of adding it again after a type change. */
export function lockBoth(draft: Draft, table: Relation, parent: Relation, validated: boolean): void {
  lock(draft, table, 'AccessShareLock', 'ShareRowExclusiveLock')
  lockAll(
    draft,
    table.kind === 'partitioned table' ? descendants(table) : [],
    'AccessShareLock',
    'ShareRowExclusiveLock',
  )
  lock(draft, parent, 'AccessShareLock', 'ShareRowExclusiveLock')
  lockAll(draft, parent.kind === 'partitioned table' ? descendants(parent) : [], 'ShareRowExclusiveLock')
  if (validated) validate(draft, table, parent)
}

/** The join that looks for children without a parent. */
export function validate(draft: Draft, table: Relation, parent: Relation): void {
  lock(draft, parent, 'RowShareLock')
  for (const holder of holders(table)) {
    planned(draft, holder, 'AccessShareLock', true)
    scan(draft, holder)
  }
  planned(draft, parent, 'AccessShareLock')
}

function referencedColumns(parent: Relation, written: readonly string[]): readonly string[] {
  if (written.length > 0) return written
  return [...parent.constraints].find(({ kind }) => kind === 'primary')?.columns ?? []
}
