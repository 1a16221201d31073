import type { InsertStmt, MergeStmt, Node, SelectStmt, UpdateStmt } from 'libpg-query'
import { type Draft, holds, lock, lockAll, unknown } from '../draft.ts'
import { type Constraint, descendants, foreignKeys, type Relation } from '../relations.ts'
import { all, as } from '../tree.ts'
import { planned } from './planner.ts'

/** pg_trigger.tgtype */
const ON_INSERT = 4
const ON_DELETE = 8
const ON_UPDATE = 16

/** The new rows' own locks: partitions, sequences of columns left out, the tables that foreign keys lead to. */
export function insertRows(draft: Draft, target: Relation, insert: InsertStmt): void {
  lockTarget(draft, target)
  const { onConflictClause } = insert
  // the indexes of an ON CONFLICT with columns are looked at as the planner does; INSERT itself gives its index locks back
  if (onConflictClause?.infer) lockAll(draft, target.indexes, 'RowExclusiveLock')
  const given = givenColumns(target, insert)
  for (const [column, { sequence }] of target.columns)
    if (sequence && given.get(column) !== 'value' && given.get(column) !== 'null')
      lock(draft, sequence, 'RowExclusiveLock')
  for (const key of foreignKeys(target))
    if (key.columns.every(column => given.get(column) === 'value')) checkParent(draft, key)
  if (onConflictClause?.action === 'ONCONFLICT_UPDATE') fireTriggers(draft, target, ON_UPDATE)
  fireTriggers(draft, target, ON_INSERT)
}

export function updateRows(draft: Draft, target: Relation, { targetList }: UpdateStmt): void {
  planned(draft, target, 'RowExclusiveLock')
  changeColumns(
    draft,
    target,
    all('ResTarget', targetList).map(({ name = '' }) => name),
  )
  fireTriggers(draft, target, ON_UPDATE)
}

export function deleteRows(draft: Draft, target: Relation, only: boolean): void {
  planned(draft, target, 'RowExclusiveLock', only)
  for (const key of target.referencedBy) followAction(draft, key, key.onDelete)
  fireTriggers(draft, target, ON_DELETE)
}

export function mergeRows(draft: Draft, target: Relation, { mergeWhenClauses }: MergeStmt): void {
  planned(draft, target, 'RowExclusiveLock')
  for (const { commandType, targetList } of all('MergeWhenClause', mergeWhenClauses)) {
    const columns = all('ResTarget', targetList).map(({ name = '' }) => name)
    if (commandType === 'CMD_DELETE') deleteRows(draft, target, false)
    else changeColumns(draft, target, columns)
  }
  fireTriggers(draft, target, ON_INSERT | ON_UPDATE | ON_DELETE)
}

function lockTarget(draft: Draft, target: Relation): void {
  if (target.kind === 'view') planned(draft, target, 'RowExclusiveLock')
  else lock(draft, target, 'RowExclusiveLock')
  if (target.kind === 'partitioned table') lockAll(draft, descendants(target), 'RowExclusiveLock')
}

function changeColumns(draft: Draft, target: Relation, columns: readonly string[]): void {
  for (const key of foreignKeys(target))
    if (key.columns.some(column => columns.includes(column))) checkParent(draft, key)
  for (const key of target.referencedBy)
    if (key.referenced.some(column => columns.includes(column))) followAction(draft, key, key.onUpdate)
}

/** A row of the child looks for its parent with FOR KEY SHARE. */
function checkParent(draft: Draft, { references }: Constraint): void {
  if (references) planned(draft, references, 'RowShareLock')
}

/** A row of the parent changed or went: its children are looked for, or go with it. */
function followAction(draft: Draft, { table, references }: Constraint, action: Constraint['onDelete']): void {
  if (action === 'a' || action === 'r') {
    planned(draft, table, 'RowShareLock')
    if (action === 'a' && references) planned(draft, references, 'RowShareLock')
  } else if (!holds(draft, table, 'RowExclusiveLock')) {
    planned(draft, table, 'RowExclusiveLock')
    if (action === 'c') for (const key of table.referencedBy) followAction(draft, key, key.onDelete)
  }
}

function fireTriggers(draft: Draft, { triggers }: Relation, event: number): void {
  for (const { name, events } of triggers)
    if ((events & event) !== 0) unknown(draft, `fires the trigger ${name}`)
}

/** What an INSERT says of each column: a value, NULL in every row, or DEFAULT. Those left out are missing. */
function givenColumns(
  target: Relation,
  { cols, selectStmt }: InsertStmt,
): ReadonlyMap<string, 'value' | 'null' | 'default'> {
  const select: SelectStmt = as('SelectStmt', selectStmt) ?? {}
  const rows = all('List', select.valuesLists).map(({ items = [] }) => items)
  const width = rows[0]?.length ?? select.targetList?.length ?? 0
  const named = all('ResTarget', cols).map(({ name = '' }) => name)
  const star = JSON.stringify(select.targetList ?? []).includes('A_Star')
  const columns = named.length > 0 ? named : [...target.columns.keys()].slice(0, star ? undefined : width)
  return new Map(columns.map((column, index) => [column, kindOf(rows.map(row => row[index]))]))
}

function kindOf(values: readonly (Node | undefined)[]): 'value' | 'null' | 'default' {
  if (values.length === 0) return 'value'
  if (values.every(value => as('A_Const', value)?.isnull)) return 'null'
  return values.some(value => value && 'SetToDefault' in value) ? 'default' : 'value'
}
