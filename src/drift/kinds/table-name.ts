import type { Definitions } from '../../catalog/definitions/read.ts'
import type { Oid } from '../../catalog/relations.ts'
import type { Kind } from '../thing.ts'

/** What parts of a table know of it. */
export interface NamedTable {
  readonly kind: Extract<Kind, 'table' | 'view' | 'materialized view'>
  readonly schema: string
  readonly name: string
}

/** The table, view or materialized view of an oid; undefined for what is none of ours. */
export type TableName = (oid: Oid) => NamedTable | undefined

export function tableNames({ tables, views }: Definitions): TableName {
  const names = new Map<Oid, NamedTable>([
    ...tables.map(({ oid, schema, name }) => [oid, { kind: 'table', schema, name }] as const),
    ...views.map(
      ({ oid, schema, name, materialized }) =>
        [oid, { kind: materialized ? 'materialized view' : 'view', schema, name }] as const,
    ),
  ])
  return oid => names.get(oid)
}
