import type {
  AlterTableCmd,
  AlterTableStmt,
  AlterTableType,
  ColumnDef,
  Constraint as ConstraintNode,
} from 'libpg-query'
import { type Draft, find, lock, lockAll, named, rewrite, scan } from '../draft.ts'
import { strongest } from '../modes.ts'
import {
  addConstraint,
  attach,
  descendants,
  inherit,
  type Relation,
  relationKey,
  renameRelation,
} from '../relations.ts'
import { all, as, columnsIn, rangeName } from '../tree.ts'
import { levelOf, reachesHeirs } from './alter-levels.ts'
import { addColumn, isSerial, isVolatile, makeSequence } from './columns.ts'
import { columnsOf, placedConstraints } from './create-table.ts'
import { dropColumn, dropConstraint } from './drop.ts'
import { addForeignKey, validate } from './foreign-key.ts'
import { addKey, kindOf, recordKey } from './keys.ts'
import { attachPartition, detachPartition } from './partitions.ts'
import { provesNotNull } from './proofs.ts'
import { readQuery } from './query.ts'
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

function newColumn(draft: Draft, table: Relation, definition: ColumnDef, isHeir: boolean): void {
  const { colname = '' } = definition
  if (isHeir) copyColumn(table, colname)
  else addColumn(draft, table, definition)
  const constraints = placedConstraints(definition)
  const preset = constraints.find(({ constraint }) => constraint.contype === 'CONSTR_DEFAULT')?.constraint
    .raw_expr
  const isRewritten = isSerial(definition) || isVolatile(draft, preset) || fillsRows(table, definition)
  if (isRewritten && table.kind !== 'partitioned table') rewrite(draft, table)
  if (isRewritten) readQuery(draft, preset)
  for (const { constraint, columns } of constraints) {
    const { contype } = constraint
    if (contype === 'CONSTR_NOTNULL') {
      if (preset === undefined && !isRewritten) scan(draft, table)
    } else if (contype === 'CONSTR_FOREIGN') {
      if (!isHeir) addForeignKey(draft, table, constraint, columns, preset !== undefined)
    } else
      newConstraint(
        draft,
        table,
        { ...constraint, keys: columns.map(sval => ({ String: { sval } })) },
        isHeir,
      )
  }
}

/** Whether the column's own kind gives each row a value that must be worked out and checked. */
function fillsRows(table: Relation, { colname = '', constraints }: ColumnDef): boolean {
  const isConstrained = table.columns.get(colname)?.type.type?.constrained === true
  return (
    isConstrained ||
    all('Constraint', constraints).some(
      ({ contype, generated_kind: kind }) =>
        contype === 'CONSTR_IDENTITY' || (contype === 'CONSTR_GENERATED' && kind !== 'v'),
    )
  )
}

function copyColumn({ columns, parents }: Relation, name: string): void {
  for (const parent of parents) {
    const column = parent.columns.get(name)
    if (column && !columns.has(name)) columns.set(name, { ...column })
  }
}

function newConstraint(draft: Draft, table: Relation, constraint: ConstraintNode, isHeir: boolean): void {
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
function setNotNull(draft: Draft, table: Relation, name: string): void {
  const column = table.columns.get(name)
  const isProven = [...table.constraints].some(({ validated, proves }) => validated && proves.includes(name))
  if (!column?.notNull && !isProven) scan(draft, table)
  if (column) column.notNull = true
}

function setUnlogged(draft: Draft, table: Relation, unlogged: boolean): void {
  if (table.unlogged === unlogged) return
  rewrite(draft, table)
  table.unlogged = unlogged
}

function sequencesOf({ sequences }: Relation, column: string): Relation[] {
  return [...sequences].filter(({ needs }) => needs.includes(column))
}

function indexesNamed({ indexes }: Relation, name: string): Relation[] {
  return [...indexes].filter(index => index.name === name)
}

/** Tables with a column of a composite type: their rows change with it. */
function typedTables({ relations }: Draft, { name, schema }: Relation): Relation[] {
  const type = relations.types.get(relationKey({ schema, name }))
  return (relations.typeUses.get(type?.oid ?? '') ?? []).map(({ table }) => table)
}
