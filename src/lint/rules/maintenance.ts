import { findRelation } from '../../sql/relations.ts'
import { all, as, rangeName } from '../../sql/tree.ts'
import { afterCommand, onCommand, onStatement, type Rules } from '../rule.ts'
import { existing } from '../scene.ts'
import { allowed, apart, rangeSql, together } from '../sql.ts'

/** Commands that copy a table into another file. */
const COPIES = ['AT_SetLogged', 'AT_SetUnLogged', 'AT_SetTableSpace', 'AT_SetAccessMethod'] as const
const REFRESH = /^REFRESH\s+MATERIALIZED\s+VIEW\b/i
/** As the grammar numbers them: SHARE UPDATE EXCLUSIVE and weaker ones let everybody read and write. */
const SHARE_LOCK = 5

export const maintenanceRules: Rules = {
  'vacuum-full': onStatement('VacuumStmt', (vacuum, scene) => {
    if (!all('DefElem', vacuum.options).some(({ defname }) => defname === 'full')) return []
    const ranges = all('VacuumRelation', vacuum.rels).flatMap(({ relation }) => relation ?? [])
    const tables = ranges.flatMap(range => existing(scene, rangeName(range)) ?? [])
    return [
      {
        ...(tables[0] && { table: tables[0] }),
        message: `VACUUM FULL copies ${tables.map(({ name }) => name).join(', ') || 'every table'} while nobody else can read or write it. VACUUM frees the space for new rows and stops nobody.`,
        fix: apart(`VACUUM (ANALYZE)${ranges.length > 0 ? ` ${ranges.map(rangeSql).join(', ')}` : ''}`),
      },
    ]
  }),

  cluster: onStatement('ClusterStmt', (cluster, scene) => {
    const table = cluster.relation && existing(scene, rangeName(cluster.relation))
    if (cluster.relation && !table) return []
    return [
      {
        table,
        message: `CLUSTER copies ${table?.name ?? 'tables'} in the order of an index while nobody else can read or write it, and new rows do not follow that order.`,
        fix: allowed('cluster', scene.step.sql),
      },
    ]
  }),

  'refresh-not-concurrent': onStatement('RefreshMatViewStmt', (refresh, scene) => {
    if (!refresh.relation || refresh.concurrent || refresh.skipData) return []
    const view = existing(scene, rangeName(refresh.relation))
    if (!view) return []
    return [
      {
        table: view,
        message: `Nobody can read ${view.name} until it is filled anew. CONCURRENTLY needs a unique index on columns of the view.`,
        fix: together(scene.step.sql.replace(REFRESH, 'REFRESH MATERIALIZED VIEW CONCURRENTLY')),
      },
    ]
  }),

  'explicit-lock': onStatement('LockStmt', (lock, scene) => {
    if ((lock.mode ?? 0) < SHARE_LOCK) return []
    const tables = all('RangeVar', lock.relations).flatMap(range => existing(scene, rangeName(range)) ?? [])
    if (tables.length === 0) return []
    return [
      {
        table: tables[0],
        message: `${tables.map(({ name }) => name).join(', ')} stays locked until the file commits, and everybody who needs it waits.`,
        fix: allowed('explicit-lock', scene.step.sql),
      },
    ]
  }),

  'detach-partition': onCommand('AT_DetachPartition', alteration => {
    const command = as('PartitionCmd', alteration.command.def)
    if (!command?.name || command.concurrent) return []
    return [
      {
        table: alteration.table,
        message: `DETACH PARTITION locks ${alteration.table.name} for readers and writers: it waits for every running query, and all others queue behind it.`,
        fix: apart(`${alteration.head} DETACH PARTITION ${rangeSql(command.name)} CONCURRENTLY`),
      },
    ]
  }),

  'attach-partition-scans': onCommand('AT_AttachPartition', ({ command }, scene) => {
    const range = as('PartitionCmd', command.def)?.name
    const partition = range && findRelation(scene.ground.relations, rangeName(range))
    if (!partition || partition.oid === undefined || partition.kind !== 'table') return []
    // a check of the partition's own bounds spares the scan
    if ([...partition.constraints].some(({ kind, validated }) => kind === 'check' && validated)) return []
    return [
      {
        table: partition,
        message: `ATTACH PARTITION reads all of ${partition.name} under a lock to see that its rows belong there, unless a validated check says so: ADD CONSTRAINT … CHECK (<the bounds>) NOT VALID and VALIDATE CONSTRAINT first.`,
        fix: allowed('attach-partition-scans', scene.step.sql),
      },
    ]
  }),

  'timeouts-disabled': onStatement('VariableSetStmt', ({ name, kind, args }) => {
    const [value] = all('A_Const', args)
    const isOff = value?.ival ? (value.ival.ival ?? 0) === 0 : value?.sval?.sval?.trim() === '0'
    if (name !== 'lock_timeout' || kind !== 'VAR_SET_VALUE' || !isOff) return []
    return [
      {
        message:
          'A statement that waits for a lock makes everybody wait behind it. Without lock_timeout one forgotten transaction stops the whole application.',
        fix: together("SET LOCAL lock_timeout = '5s'"),
      },
    ]
  }),

  'table-rewrite': afterCommand(COPIES, ({ table }, scene) => {
    if (scene.effects.rewrites.length === 0) return []
    return [
      {
        table,
        message: `All of ${table.name} is copied while nobody else can read or write it.`,
        fix: allowed('table-rewrite', scene.step.sql),
      },
    ]
  }),
}
