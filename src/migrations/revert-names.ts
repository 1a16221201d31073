import type { TableRef } from '../catalog/row-counts.ts'
import type { Entity } from './derive-entities.ts'
import type { Rename } from './derive-rename.ts'
import type { RevertStep } from './revert-plan.ts'

/** A table, or one of its columns. */
export interface ColumnRef extends TableRef {
  readonly column?: string
}

/** What is called so after the newer steps are reverted, as it is called before. */
export function todaysName<Ref extends ColumnRef>(ref: Ref, newer: readonly RevertStep[]): Ref {
  return newer
    .toReversed()
    .flatMap(({ renames }) => renames.toReversed())
    .reduce(laterName, ref)
}

function laterName<Ref extends ColumnRef>(ref: Ref, { verb, kind, schema, table, name, to }: Rename): Ref {
  if (kind === 'schema' && ref.schema === name) return { ...ref, schema: to }
  if (ref.schema !== schema) return ref
  if (kind === 'table' && ref.table === name)
    return verb === 'move' ? { ...ref, schema: to } : { ...ref, table: to }
  return kind === 'column' && ref.table === table && ref.column === name ? { ...ref, column: to } : ref
}

export function tableOf({ schema, table }: Entity) {
  return { kind: 'tables', schema, table: '', name: table } as const
}

export function refOf({ schema, table, name }: Entity): Required<ColumnRef> {
  return { schema, table, column: name }
}
