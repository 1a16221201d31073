import type { TableColumnRow } from '../catalog/table-columns.ts'
import type { OpsConfig } from '../config.ts'
import { OpsError } from '../errors.ts'
import { findColumn, splitColumn } from './find-column.ts'
import { type Graph, shortName, type Table } from './graph.ts'
import { maskedValue } from './mask.ts'
import { looksSecret, placeholder } from './redact.ts'

/** A column whose values an export does not give away. */
export interface Replacement {
  readonly table: Table
  readonly column: string
  readonly how: 'redacted' | 'masked'
  /** SQL for what stands in the value's place. */
  value(row: string): string
}

export interface ReplaceOptions {
  readonly ops: Pick<OpsConfig, 'redact' | 'mask'>
  readonly withSecrets: boolean
  readonly maskKey: string
}

/**
 * What is replaced in these columns: those that `ops.mask` names, and unless secrets are wanted those that
 * `ops.redact` names or that are called like a secret.
 * Throws OpsError `column-unknown`, `redact-reference`, `redact-impossible`, `mask-invalid`, exit 2.
 */
export function replacements(
  graph: Graph,
  columns: readonly TableColumnRow[],
  { ops, withSecrets, maskKey }: ReplaceOptions,
): Replacement[] {
  const tables = new Map(graph.tables.map(table => [table.oid, table]))
  const masks = named(graph, columns, Object.keys(ops.mask ?? {}), 'ops.mask')
  const redacted = named(graph, columns, ops.redact ?? [], 'ops.redact')
  return columns.flatMap((column): Replacement[] => {
    const table = tables.get(column.table)
    if (!table || column.generated) return []
    const masked = masks.get(column)
    const mask = masked === undefined ? undefined : ops.mask?.[masked]
    if (mask !== undefined) {
      return [
        {
          table,
          column: column.name,
          how: 'masked',
          value: row => maskedValue(table, column, mask, row, maskKey),
        },
      ]
    }
    const holds = holdsTogether(graph, table, column.name)
    if (withSecrets || !(redacted.has(column) || (looksSecret(column) && !holds))) return []
    if (holds) throw redactedReference(table, column)
    return [{ table, column: column.name, how: 'redacted', value: row => placeholder(table, column, row) }]
  })
}

/** The columns of the export that the config names, by the name that it gives them. */
function named(
  graph: Graph,
  columns: readonly TableColumnRow[],
  names: readonly string[],
  place: string,
): Map<TableColumnRow, string> {
  const exported = new Set(columns.map(({ table }) => table))
  return new Map(
    names.flatMap(name => {
      const { table, column } = splitColumn(graph, name, place)
      return exported.has(table.oid) ? [[findColumn(columns, table, column, place), name] as const] : []
    }),
  )
}

/** Whether references lead from or to the column: another value would tear them apart. */
function holdsTogether({ references }: Graph, table: Table, column: string): boolean {
  return references.some(
    ({ from, columns, to, referenced }) =>
      (from === table && columns.includes(column)) || (to === table && referenced.includes(column)),
  )
}

function redactedReference(table: Table, { name }: TableColumnRow): OpsError {
  return new OpsError({
    code: 'redact-reference',
    message: `ops.redact names ${shortName(table)}.${name}, which holds rows together.`,
    hint: 'Use ops.mask for it and for all that point to it, with the same mask: equal values stay equal.',
    exit: 2,
  })
}
