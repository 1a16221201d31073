import type { Database } from '../../database/database.ts'
import { withTransaction } from '../../database/transaction.ts'
import { type ColumnDefinition, listColumns } from './columns.ts'
import { type ConstraintDefinition, listConstraints } from './constraints.ts'
import { type Dependency, listDependencies } from './dependencies.ts'
import { type ExtensionDefinition, listExtensions, listMembers, type MemberDefinition } from './extensions.ts'
import { type IndexDefinition, listIndexes } from './indexes.ts'
import { listPolicies, type PolicyDefinition } from './policies.ts'
import { listPrivileges, type PrivilegeDefinition } from './privileges.ts'
import { listRoutines, type RoutineDefinition } from './routines.ts'
import { listRules, type RuleDefinition } from './rules.ts'
import { listSchemas, type SchemaDefinition } from './schemas.ts'
import { listSequences, type SequenceDefinition } from './sequences.ts'
import { listStatistics, type StatisticsDefinition } from './statistics.ts'
import { listTables, type TableDefinition } from './tables.ts'
import { listTriggers, type TriggerDefinition } from './triggers.ts'
import { listTypes, type TypeDefinition } from './types.ts'
import { listViews, type ViewDefinition } from './views.ts'

/** All that the schemas of a database hold, but for rows. */
export interface Definitions {
  readonly schemas: readonly SchemaDefinition[]
  readonly extensions: readonly ExtensionDefinition[]
  readonly members: readonly MemberDefinition[]
  readonly types: readonly TypeDefinition[]
  readonly sequences: readonly SequenceDefinition[]
  readonly tables: readonly TableDefinition[]
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly ConstraintDefinition[]
  readonly indexes: readonly IndexDefinition[]
  readonly statistics: readonly StatisticsDefinition[]
  readonly views: readonly ViewDefinition[]
  readonly routines: readonly RoutineDefinition[]
  readonly triggers: readonly TriggerDefinition[]
  readonly rules: readonly RuleDefinition[]
  readonly policies: readonly PolicyDefinition[]
  readonly privileges: readonly PrivilegeDefinition[]
  readonly dependencies: readonly Dependency[]
}

/**
 * Reads all of it from one snapshot, in 17 queries however large the database is (300 tables: 0.2 s). With no
 * search_path all names in it are qualified. Needs no right on any object; the text of some definitions cannot be
 * had without a moment's AccessShareLock.
 */
export async function readDefinitions(database: Database): Promise<Definitions> {
  const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''"
  return withTransaction(database, begin, async () => ({
    schemas: await listSchemas(database),
    extensions: await listExtensions(database),
    members: await listMembers(database),
    types: await listTypes(database),
    sequences: await listSequences(database),
    tables: await listTables(database),
    columns: await listColumns(database),
    constraints: await listConstraints(database),
    indexes: await listIndexes(database),
    statistics: await listStatistics(database),
    views: await listViews(database),
    routines: await listRoutines(database),
    triggers: await listTriggers(database),
    rules: await listRules(database),
    policies: await listPolicies(database),
    privileges: await listPrivileges(database),
    dependencies: await listDependencies(database),
  }))
}
