import type { RangeVar } from 'libpg-query'
import type { CatalogEntity } from '../catalog/described.ts'
import type { TableRef } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { rangeName } from '../sql/tree.ts'
import type { Hazard } from './hazards.ts'
import type { Statements } from './plan.ts'

/** One statement while it is being judged. */
export interface Judging {
  readonly database: Database
  readonly plan: Pick<Statements, 'live' | 'wanted'>
  /** Everything that the plan makes: what is dropped and made anew is not gone. */
  readonly made: ReadonlySet<string>
  readonly counted: Counted
  readonly renamed: Renamed
  readonly hazards: Set<Hazard>
  readonly reasons: Set<string>
  readonly tables: Map<string, number | null>
  blocked: string | null
}

/** What tables hold, each asked about once. */
export interface Counted {
  /** All rows of it; null where our role may not see them. */
  rows(table: TableRef): Promise<number | null>
  /** Whether it is too large for its values to be looked at: by the server's own estimate. */
  isLarge(table: TableRef): boolean
}

/** By the name that the plan has given, the one that the table or the column still has. */
export interface Renamed {
  readonly tables: Map<string, TableRef>
  readonly columns: Map<string, string>
}

export function originally({ tables }: Renamed, table: TableRef): TableRef {
  return tables.get(shown(table)) ?? table
}

export function columnOriginally({ columns }: Renamed, table: TableRef, column: string): string {
  return columns.get(`${shown(table)}.${column}`) ?? column
}

/** Why a statement with CASCADE is not run. */
export const CASCADES = 'it would take along what rests on it, and nobody knows what that is'

export function tell(judging: Judging, reason: string, ...hazards: readonly Hazard[]): void {
  judging.reasons.add(reason)
  for (const hazard of hazards) judging.hazards.add(hazard)
}

/** Tells a hazard of a table that holds rows. */
export async function showRows(judging: Judging, table: TableRef): Promise<void> {
  judging.tables.set(shown(table), await judging.counted.rows(table))
}

export function liveColumn({ plan }: Judging, table: TableRef, name: string): CatalogEntity | undefined {
  return plan.live.find(each => isColumn(each, table, name))
}

export function isColumn(entity: CatalogEntity, { schema, table }: TableRef, name: string): boolean {
  return (
    entity.kind === 'columns' && entity.schema === schema && entity.table === table && entity.name === name
  )
}

export function refOfRange(range: RangeVar): TableRef {
  const { schema = 'public', name } = rangeName(range)
  return { schema, table: name }
}

export function shown({ schema, table }: TableRef): string {
  return schema === 'public' ? table : `${schema}.${table}`
}

export function inWords(count: number | null, what: string): string {
  return count === null ? `an unknown number of ${what}s` : `${count} ${what}${count === 1 ? '' : 's'}`
}
