import type { AlterTableCmd, AlterTableType } from 'libpg-query'
import type { LockMode } from '../modes.ts'
import type { Relation } from '../relations.ts'
import { all, as } from '../tree.ts'

/** AlterTableGetLockLevel of PostgreSQL: what is not named here keeps everybody out. */
const LEVELS: Partial<Record<AlterTableType, LockMode>> = {
  AT_SetStatistics: 'ShareUpdateExclusiveLock',
  AT_SetOptions: 'ShareUpdateExclusiveLock',
  AT_ResetOptions: 'ShareUpdateExclusiveLock',
  AT_ClusterOn: 'ShareUpdateExclusiveLock',
  AT_DropCluster: 'ShareUpdateExclusiveLock',
  AT_ValidateConstraint: 'ShareUpdateExclusiveLock',
  AT_AttachPartition: 'ShareUpdateExclusiveLock',
  AT_DetachPartitionFinalize: 'ShareUpdateExclusiveLock',
  AT_EnableTrig: 'ShareRowExclusiveLock',
  AT_EnableAlwaysTrig: 'ShareRowExclusiveLock',
  AT_EnableReplicaTrig: 'ShareRowExclusiveLock',
  AT_EnableTrigAll: 'ShareRowExclusiveLock',
  AT_EnableTrigUser: 'ShareRowExclusiveLock',
  AT_DisableTrig: 'ShareRowExclusiveLock',
  AT_DisableTrigAll: 'ShareRowExclusiveLock',
  AT_DisableTrigUser: 'ShareRowExclusiveLock',
}

/** Storage parameters that can change under the eyes of others. */
const GENTLE_OPTION =
  /^(fillfactor|autovacuum_.*|log_autovacuum_.*|toast_tuple_target|parallel_workers|vacuum_.*|deduplicate_items)$/

/** The lock that a command takes on the table. */
export function levelOf({ subtype, def }: AlterTableCmd): LockMode {
  if (subtype === 'AT_AddConstraint' && as('Constraint', def)?.contype === 'CONSTR_FOREIGN')
    return 'ShareRowExclusiveLock'
  if (subtype === 'AT_DetachPartition' && as('PartitionCmd', def)?.concurrent)
    return 'ShareUpdateExclusiveLock'
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') {
    const options = all('DefElem', as('List', def)?.items).map(({ defname = '' }) => defname)
    return options.every(option => GENTLE_OPTION.test(option))
      ? 'ShareUpdateExclusiveLock'
      : 'AccessExclusiveLock'
  }
  return (subtype && LEVELS[subtype]) ?? 'AccessExclusiveLock'
}

/** Commands that change every partition and heir as well. */
const INHERITED: readonly AlterTableType[] = [
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_SetExpression',
  'AT_DropExpression',
  'AT_DropConstraint',
  'AT_ValidateConstraint',
]

export function reachesHeirs(table: Relation, { subtype, def }: AlterTableCmd): boolean {
  if (subtype !== 'AT_AddConstraint') return subtype !== undefined && INHERITED.includes(subtype)
  const type = as('Constraint', def)?.contype
  return (
    type === 'CONSTR_CHECK' ||
    type === 'CONSTR_NOTNULL' ||
    (type === 'CONSTR_PRIMARY' && table.kind === 'table')
  )
}
