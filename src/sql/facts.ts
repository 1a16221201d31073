import { type ColumnRow, listColumns } from '../catalog/columns.ts'
import {
  type ConstraintRow,
  listConstraints,
  listRelations,
  listStatistics,
  listTriggers,
  listUses,
  type RelationRow,
  type StatisticsRow,
  type TriggerRow,
  type UseRow,
} from '../catalog/relations.ts'
import { sessionFacts } from '../catalog/session.ts'
import {
  type FunctionRow,
  listBinaryCasts,
  listFunctions,
  listTypes,
  listTypeUses,
  type TypeRow,
  type TypeUseRow,
} from '../catalog/types.ts'
import type { Database } from '../database/database.ts'
import { withTransaction } from '../database/transaction.ts'
import type { Mentioned } from './mentions.ts'

/** What the effects of statements depend on. */
export interface CatalogFacts {
  readonly searchPath: readonly string[]
  readonly timeZone: string
  readonly relations: readonly RelationRow[]
  readonly constraints: readonly ConstraintRow[]
  readonly uses: readonly UseRow[]
  readonly triggers: readonly TriggerRow[]
  readonly statistics: readonly StatisticsRow[]
  readonly columns: readonly ColumnRow[]
  readonly types: readonly TypeRow[]
  readonly typeUses: readonly TypeUseRow[]
  readonly functions: readonly FunctionRow[]
  /** Pairs of types, `from>to`, whose values are the same bytes. */
  readonly binaryCasts: readonly string[]
}

/** One picture of the catalog. Reads no table of the user's, and so waits for nobody. */
export async function readFacts(database: Database, mentioned: Mentioned): Promise<CatalogFacts> {
  return withTransaction(database, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async () => ({
    ...(await sessionFacts(database)),
    relations: await listRelations(database),
    constraints: await listConstraints(database),
    uses: await listUses(database),
    triggers: await listTriggers(database),
    statistics: await listStatistics(database),
    columns: await listColumns(database, mentioned.relations),
    types: await listTypes(database),
    typeUses: await listTypeUses(database, mentioned.types),
    functions: await listFunctions(database, mentioned.functions),
    binaryCasts: await listBinaryCasts(database),
  }))
}

/** lock_not_available */
const LOCKED = '55P03'

/** What can be had only with a moment's lock on a table, or undefined where somebody holds it for longer. */
export async function unlessLocked<T>(database: Database, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withTransaction(database, 'BEGIN READ ONLY; SET LOCAL lock_timeout = 100', read)
  } catch (error) {
    if ((error as { sqlstate?: unknown }).sqlstate === LOCKED) return undefined
    throw error
  }
}
