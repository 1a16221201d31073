import type { ColumnDef } from 'libpg-query'
import { type Draft, rewrite, scan } from '../draft.ts'
import type { Relation } from '../relations.ts'
import { all } from '../tree.ts'
import { addColumn, isSerial, isVolatile } from './columns.ts'
import { placedConstraints } from './create-table.ts'
import { addForeignKey } from './foreign-key.ts'
import { newConstraint } from './new-constraint.ts'
import { readQuery } from './query.ts'

/** ADD COLUMN, on the table or on one of its heirs. */
export function newColumn(draft: Draft, table: Relation, definition: ColumnDef, isHeir: boolean): void {
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
