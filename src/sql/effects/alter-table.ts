import type { AlterTableCmd, AlterTableStmt, AlterTableType } from 'libpg-query'
import { inherit } from '../change.ts'
import { type Draft, find, lock, lockAll, named, rewrite, scan } from '../draft.ts'
import { strongest } from '../modes.ts'
import { descendants, indexesNamed, type Relation, relationKey } from '../relations.ts'
import { all, as, rangeName } from '../tree.ts'
import { levelOf, reachesHeirs } from './alter-levels.ts'
import { makeSequence } from './columns.ts'
import { dropColumn, dropConstraint } from './drop.ts'
import { validate } from './foreign-key.ts'
import { newColumn } from './new-column.ts'
import { newConstraint, setNotNull } from './new-constraint.ts'
import { attachPartition, detachPartition } from './partitions.ts'
import { changeType } from './type-change.ts'

/** One command of an ALTER TABLE, on the table itself or on one of its heirs. */
type Action = (draft: Draft, table: Relation, command: AlterTableCmd, isHeir: boolean) => void

export function alterTable(draft: Draft, stmt: AlterTableStmt): void {
  const { relation, cmds, missing_ok } = stmt
  if (!relation) return
  if (missing_ok && !find(draft, relation)) return
  const table = named(draft, rangeName(relation))
  const commands = all('AlterTableCmd', cmds)
  const level = strongest(commands.map(levelOf))
  lock(draft, table, level)
  if (table.kind === 'composite type') lockAll(draft, typedTables(draft, table), level)
  for (const command of commands) {
    const heirs = relation.inh && reachesHeirs(table, command) ? descendants(table) : []
    lockAll(draft, heirs, level)
    const action = command.subtype && ACTIONS[command.subtype]
    action?.(draft, table, command, false)
    for (const heir of heirs) action?.(draft, heir, command, true)
  }
}

const ACTIONS: Partial<Record<AlterTableType, Action>> = {
  AT_AddColumn: (draft, table, { def, missing_ok }, isHeir) => {
    const column = as('ColumnDef', def)
    if (column && !(missing_ok && table.columns.has(column.colname ?? '')))
      newColumn(draft, table, column, isHeir)
  },
  AT_DropColumn: (draft, table, { name = '', behavior }) =>
    dropColumn(draft, table, name, behavior === 'DROP_CASCADE'),
  AT_AlterColumnType: (draft, table, { name = '', def }) =>
    changeType(draft, table, name, as('ColumnDef', def)),
  AT_SetNotNull: (draft, table, { name = '' }) => setNotNull(draft, table, name),
  AT_DropNotNull: (_draft, table, { name = '' }) => {
    const column = table.columns.get(name)
    if (column) column.notNull = false
  },
  AT_SetExpression: (draft, table) => rewrite(draft, table),
  AT_AddConstraint: (draft, table, { def }, isHeir) => {
    const constraint = as('Constraint', def)
    if (constraint) newConstraint(draft, table, constraint, isHeir)
  },
  AT_ValidateConstraint: (draft, table, { name = '' }) => {
    const constraint = [...table.constraints].find(each => each.name === name)
    if (constraint?.references) {
      lock(draft, table, 'AccessShareLock')
      validate(draft, table, constraint.references)
    } else scan(draft, table)
    if (constraint) constraint.validated = true
  },
  AT_DropConstraint: (draft, table, { name = '', behavior }) =>
    dropConstraint(draft, table, name, behavior === 'DROP_CASCADE'),
  AT_AddIdentity: (draft, table, { name = '', def }) => {
    const sequence = makeSequence(draft, table, name, as('Constraint', def))
    const column = table.columns.get(name)
    if (column) table.columns.set(name, { ...column, sequence })
  },
  AT_SetIdentity: (draft, table, { name = '' }) =>
    lockAll(draft, sequencesOf(table, name), 'RowExclusiveLock', 'ShareRowExclusiveLock'),
  AT_DropIdentity: (draft, table, { name = '' }) =>
    lockAll(draft, sequencesOf(table, name), 'AccessExclusiveLock'),
  AT_ChangeOwner: (draft, table) =>
    lockAll(draft, [...table.indexes, ...table.sequences], 'AccessExclusiveLock'),
  AT_SetLogged: (draft, table) => setUnlogged(draft, table, false),
  AT_SetUnLogged: (draft, table) => setUnlogged(draft, table, true),
  AT_SetTableSpace: (draft, table, { name }) => {
    if (name !== 'pg_default') draft.rewrites.add(table)
  },
  AT_SetAccessMethod: (draft, table, { name }) => {
    if (name !== 'heap') rewrite(draft, table)
  },
  AT_ClusterOn: (draft, table, { name = '' }) =>
    lockAll(draft, indexesNamed(table, name), 'ShareUpdateExclusiveLock'),
  AT_ReplicaIdentity: (draft, table, { def }) =>
    lockAll(draft, indexesNamed(table, as('ReplicaIdentityStmt', def)?.name ?? ''), 'ShareLock'),
  AT_AddInherit: (draft, table, { def }) => {
    const parent = as('RangeVar', def)
    if (!parent) return
    const relation = named(draft, rangeName(parent))
    lock(draft, relation, 'ShareUpdateExclusiveLock')
    inherit(table, relation)
  },
  AT_DropInherit: (draft, table, { def }) => {
    const parent = find(draft, as('RangeVar', def))
    if (!parent) return
    lock(draft, parent, 'AccessShareLock')
    table.parents.delete(parent)
    parent.children.delete(table)
  },
  AT_AttachPartition: (draft, table, { def }) => attachPartition(draft, table, as('PartitionCmd', def)),
  AT_DetachPartition: (draft, table, { def }) => detachPartition(draft, table, as('PartitionCmd', def)),
}

function setUnlogged(draft: Draft, table: Relation, unlogged: boolean): void {
  if (table.unlogged === unlogged) return
  rewrite(draft, table)
  table.unlogged = unlogged
}

function sequencesOf({ sequences }: Relation, column: string): Relation[] {
  return [...sequences].filter(({ needs }) => needs.includes(column))
}

/** Tables with a column of a composite type: their rows change with it. */
function typedTables({ relations }: Draft, { name, schema }: Relation): Relation[] {
  const type = relations.types.get(relationKey({ schema, name }))
  return (relations.typeUses.get(type?.oid ?? '') ?? []).map(({ table }) => table)
}
