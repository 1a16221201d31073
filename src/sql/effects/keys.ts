import type { Constraint as ConstraintNode } from 'libpg-query'
import { addConstraint } from '../change.ts'
import type { Draft } from '../draft.ts'
import type { Constraint, Relation } from '../relations.ts'
import { makeConstraintIndex, makeIndex } from './make-index.ts'

type Kind = 'primary' | 'unique' | 'exclusion'

const LABELS = { primary: 'pkey', unique: 'key', exclusion: 'excl' } as const

/** A primary key, a unique or an exclusion constraint, with its index. */
export function addKey(
  draft: Draft,
  table: Relation,
  constraint: ConstraintNode,
  columns: readonly string[],
): void {
  const index = makeConstraintIndex(draft, table, constraint, columns)
  recordKey(table, kindOf(constraint), columns, index)
}

export function kindOf({ contype }: ConstraintNode): Kind {
  if (contype === 'CONSTR_PRIMARY') return 'primary'
  return contype === 'CONSTR_UNIQUE' ? 'unique' : 'exclusion'
}

/** A constraint goes by the name of its index. */
export function recordKey(table: Relation, kind: Kind, columns: readonly string[], index: Relation): void {
  for (const name of columns) {
    const column = table.columns.get(name)
    if (column && kind === 'primary') column.notNull = true
  }
  addConstraint({ name: index.name, table, kind, columns, index })
}

/** The same index, and the constraint that it stands for, on another table. */
export function copyIndex(draft: Draft, table: Relation, index: Relation): Relation {
  const kind = [...(index.table?.constraints ?? [])].find(each => each.index === index)?.kind
  const copy = makeIndex(draft, table, {
    name: undefined,
    columns: index.needs,
    label: isKey(kind) ? LABELS[kind] : 'idx',
    needs: index.needs,
    expressions: index.expressions,
  })
  if (isKey(kind)) recordKey(table, kind, index.needs, copy)
  return copy
}

function isKey(kind: Constraint['kind'] | undefined): kind is Kind {
  return kind !== undefined && kind in LABELS
}
