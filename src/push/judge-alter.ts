import type { AlterTableCmd, AlterTableStmt } from 'libpg-query'
import { castsByItself } from '../catalog/casts.ts'
import { countNulls, countValues, type TableRef } from '../catalog/row-counts.ts'
import { isSerial } from '../sql/effects/columns.ts'
import { all, as } from '../sql/tree.ts'
import {
  CASCADES,
  columnOriginally,
  inWords,
  isColumn,
  type Judging,
  liveColumn,
  originally,
  refOfRange,
  shown,
  showRows,
  tell,
} from './judging.ts'
import { holdsAll } from './widening.ts'

export async function judgeAlter(judging: Judging, { relation, cmds }: AlterTableStmt): Promise<void> {
  if (!relation) return
  const table = refOfRange(relation)
  for (const command of all('AlterTableCmd', cmds)) {
    if (command.behavior === 'DROP_CASCADE') judging.blocked = CASCADES
    switch (command.subtype) {
      case 'AT_AddColumn':
        await judgeNewColumn(judging, table, command)
        break
      case 'AT_DropColumn':
        await judgeDroppedColumn(judging, table, command)
        break
      case 'AT_SetNotNull':
        await judgeNotNull(judging, table, command)
        break
      case 'AT_AlterColumnType':
        await judgeType(judging, table, command)
        break
      case 'AT_DropConstraint':
        if (!judging.made.has(`constraint ${table.schema}.${table.table}.${command.name}`))
          tell(judging, `the constraint ${command.name} goes`, 'drops-object')
        break
      default:
    }
  }
}

const FILLED = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED']

async function judgeNewColumn(judging: Judging, table: TableRef, { def }: AlterTableCmd): Promise<void> {
  const column = as('ColumnDef', def)
  const kinds = all('Constraint', column?.constraints).map(({ contype }) => contype ?? '')
  const isRequired = kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY')
  if (!column || !isRequired || isSerial(column) || kinds.some(kind => FILLED.includes(kind))) return
  const rows = await judging.counted.rows(table)
  if (rows === 0) return
  judging.tables.set(shown(table), rows)
  tell(judging, `${column.colname} is NOT NULL and has no default`, 'may-lose-data')
  judging.blocked = `${shown(table)} holds ${inWords(rows, 'row')}, and there is nothing to put into ${column.colname}: give it a default, or leave out .notNull() until it is filled`
}

async function judgeDroppedColumn(
  judging: Judging,
  table: TableRef,
  { name = '' }: AlterTableCmd,
): Promise<void> {
  const column = liveColumn(judging, table, name)
  // its values are worked out again
  if (column?.facts.generated && judging.made.has(`column ${table.schema}.${table.table}.${name}`)) return
  const values = judging.counted.isLarge(table)
    ? null
    : await countValues(
        judging.database,
        originally(judging.renamed, table),
        columnOriginally(judging.renamed, table, name),
      )
  tell(judging, `queries that say ${name} fail`, 'drops-object', 'breaks-clients')
  if (values === 0) return
  await showRows(judging, table)
  tell(judging, `${inWords(values, 'value')} of ${name} ${values === 1 ? 'goes' : 'go'}`, 'deletes-data')
}

async function judgeNotNull(judging: Judging, table: TableRef, { name = '' }: AlterTableCmd): Promise<void> {
  // the statement itself looks at every row
  if (judging.counted.isLarge(table)) return
  const nulls = await countNulls(
    judging.database,
    originally(judging.renamed, table),
    columnOriginally(judging.renamed, table, name),
  )
  if (nulls === 0) return
  await showRows(judging, table)
  tell(judging, `${name} is null in ${inWords(nulls, 'row')}`, 'may-lose-data')
  judging.blocked = `${inWords(nulls, 'row')} of ${shown(table)} ${nulls === 1 ? 'holds' : 'hold'} no ${name}: fill ${nulls === 1 ? 'it' : 'them'} first`
}

async function judgeType(judging: Judging, table: TableRef, { name = '' }: AlterTableCmd): Promise<void> {
  const from = liveColumn(judging, table, name)?.facts.type
  const to = judging.plan.wanted.find(each => isColumn(each, table, name))?.facts.type
  // an enum that is made anew is judged where it is made
  if (typeof from !== 'string' || typeof to !== 'string' || from === to) return
  const rows = await judging.counted.rows(table)
  if (!(await castsByItself(judging.database, from, to)))
    tell(judging, `PostgreSQL does not turn ${from} into ${to} without a USING`, 'needs-using')
  if (rows === 0) return
  judging.tables.set(shown(table), rows)
  if (!holdsAll(from, to)) tell(judging, `${to} does not hold every ${from}`, 'may-lose-data')
}
