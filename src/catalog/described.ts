import type { Database } from '../database/database.ts'
import { describedColumns } from './described/columns.ts'
import { describedConstraints, describedIndexes } from './described/constraints.ts'
import { describedNamespaces, describedTables } from './described/tables.ts'
import { describedEnums, describedSequences } from './described/types.ts'
import { describedPolicies, describedViews } from './described/views.ts'

/** What a Drizzle schema can describe, as one database has it. Definitions are the server's own words. */
export interface CatalogEntity {
  readonly kind: CatalogKind
  /** Empty for schemas and roles. */
  readonly schema: string
  /** The table that it belongs to, or empty. */
  readonly table: string
  readonly name: string
  /** Two of one kind with equal facts are alike. */
  readonly facts: Readonly<Record<string, unknown>>
}

export type CatalogKind =
  | 'schemas'
  | 'roles'
  | 'tables'
  | 'columns'
  | 'pks'
  | 'uniques'
  | 'fks'
  | 'checks'
  | 'indexes'
  | 'enums'
  | 'sequences'
  | 'views'
  | 'policies'

/**
 * All of it in these schemas, in a fixed handful of queries (drizzle-kit: six for each table). What belongs to
 * extensions is left out, and partitions and foreign tables are. Names in definitions are qualified where the
 * session's search_path is empty.
 */
export async function describedObjects(
  database: Database,
  schemas: readonly string[],
): Promise<CatalogEntity[]> {
  const names = JSON.stringify(schemas)
  const groups: CatalogEntity[][] = []
  for (const read of [
    describedNamespaces,
    describedTables,
    describedColumns,
    describedConstraints,
    describedIndexes,
    describedEnums,
    describedSequences,
    describedViews,
    describedPolicies,
  ])
    groups.push(await read(database, names))
  return groups.flat()
}
