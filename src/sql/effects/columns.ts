import type { ColumnDef, Constraint as ConstraintNode, Node, TypeName } from 'libpg-query'
import { addRelation, attach } from '../change.ts'
import { type Draft, lock } from '../draft.ts'
import { freeName } from '../names.ts'
import { type ColumnType, findType, newRelation, type Relation } from '../relations.ts'
import { all, as, nodesIn, typeName, words, wordsOf } from '../tree.ts'

const SERIAL = ['serial', 'serial2', 'serial4', 'serial8', 'smallserial', 'bigserial']

/** Whether the type is one of the macros that stand for a sequence and a default. */
export function isSerial({ typeName }: ColumnDef): boolean {
  const names = words(typeName?.names)
  return names.length === 1 && SERIAL.includes(names[0] ?? '')
}

/** Puts a column into the table, with the sequence that it may bring. */
export function addColumn(draft: Draft, table: Relation, column: ColumnDef): void {
  const { colname = '' } = column
  const constraints = all('Constraint', column.constraints)
  const identity = constraints.find(({ contype }) => contype === 'CONSTR_IDENTITY')
  const sequence = identity || isSerial(column) ? makeSequence(draft, table, colname, identity) : undefined
  table.columns.set(colname, {
    type: columnType(draft, column.typeName),
    notNull:
      sequence !== undefined ||
      constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY'),
    identity: identity !== undefined,
    sequence,
  })
}

/** The sequence of a serial or an identity column. */
export function makeSequence(
  draft: Draft,
  table: Relation,
  column: string,
  identity: ConstraintNode | undefined,
): Relation {
  const named = all('DefElem', identity?.options).find(({ defname }) => defname === 'sequence_name')
  const sequence = newRelation({
    kind: 'sequence',
    schema: table.schema,
    name: wordsOf(named?.arg).at(-1) ?? freeName(draft.relations, table.schema, table.name, column, 'seq'),
    needs: [column],
  })
  attach(addRelation(draft.relations, sequence), table)
  lock(draft, sequence, 'AccessExclusiveLock', 'RowExclusiveLock', 'ShareRowExclusiveLock')
  lock(draft, table, 'AccessShareLock')
  return sequence
}

export function columnType(draft: Draft, type: TypeName | undefined): ColumnType {
  const isArray = (type?.arrayBounds?.length ?? 0) > 0
  const element = findType(draft.relations, typeName(type))
  return {
    type: isArray
      ? [...draft.relations.types.values()].find(({ element: of }) => of !== '0' && of === element?.oid)
      : element,
    modifiers: (type?.typmods ?? []).map(node => as('A_Const', node)?.ival?.ival ?? 0),
  }
}

/** Whether each row must be given a value of its own. What nobody knows counts as volatile. */
export function isVolatile({ relations }: Draft, expression: Node | undefined): boolean {
  return [...nodesIn([expression])].some(({ kind, body }) => {
    if (kind !== 'FuncCall') return false
    const name = words((body as { funcname?: Node[] }).funcname).at(-1) ?? ''
    return relations.functions.get(name)?.volatile ?? true
  })
}
