import type { ArchivedTable } from '../archive/manifest.ts'
import { lineName } from '../archive/manifest.ts'
import type { ColumnKindRow } from '../catalog/column-kinds.ts'
import { quoted } from '../database/identifier.ts'
import type { Encoding } from '../graph/codec.ts'
import type { Table } from '../graph/graph.ts'

/** A column that both sides have. What it is, the target says. */
export interface LoadColumn extends ColumnKindRow {
  readonly encoding: Encoding
}

/** Rows of the archive and where they go. */
export interface LoadTable {
  readonly number: number
  readonly archived: ArchivedTable
  /** The `t` of its lines. */
  readonly name: string
  readonly table: Table
  readonly columns: readonly LoadColumn[]
  /** Rows that stand for rows of the target and are not inserted. */
  readonly matched: boolean
}

/** Where in the archive a staged row stands: a column that no table of users' has. */
export const LINE = '"drizzle_ops line"'

export function loadTable(
  number: number,
  archived: ArchivedTable,
  table: Table,
  columns: readonly LoadColumn[],
): LoadTable {
  return {
    number,
    archived,
    name: lineName(archived),
    table,
    columns,
    matched: archived.matchedBy !== undefined,
  }
}

/** The rows as the archive has them. */
export function stageOf({ number }: LoadTable): string {
  return `pg_temp.drizzle_ops_stage_${number}`
}

/** What columns become whose values change: by the line, of each staged row. */
export function changedOf({ number }: LoadTable): string {
  return `pg_temp.drizzle_ops_changed_${number}`
}

/** The same rows as they will be, where that differs. */
export function finalOf({ number }: LoadTable): string {
  return `pg_temp.drizzle_ops_final_${number}`
}

/** The composite type of the archive's lines. */
export function lineTypeOf({ number }: LoadTable): string {
  return `pg_temp.drizzle_ops_line_${number}`
}

/** Staged rows in whose place the target has one: their line, that one's place, and why. */
export function survivorsOf({ number }: LoadTable): string {
  return `pg_temp.drizzle_ops_survivors_${number}`
}

/** CREATE TEMPORARY TABLE takes the name alone where it shall drop it at the end. */
export function bare(name: string): string {
  return name.replace('pg_temp.', '')
}

export function columnList(columns: readonly string[], alias?: string): string {
  return columns.map(column => (alias ? quoted(alias, column) : quoted(column))).join(', ')
}

/** SQL that is true where two lists of values differ in any bit, and the other way round: without the cast each pair would need an operator of its own. */
export function differ(ones: string, others: string): string {
  return `ROW(${ones})::record OPERATOR(pg_catalog.*<>) ROW(${others})::record`
}

export function agree(ones: string, others: string): string {
  return `ROW(${ones})::record OPERATOR(pg_catalog.*=) ROW(${others})::record`
}
