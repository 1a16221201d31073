import type {
  ClusterStmt,
  CopyStmt,
  DefElem,
  LockStmt,
  ReindexStmt,
  TruncateStmt,
  VacuumStmt,
} from 'libpg-query'
import { type Draft, holds, lock, lockAll, named, rewrite, scan, unknown } from '../draft.ts'
import { LOCK_MODES, type LockMode } from '../modes.ts'
import type { Relation } from '../relations.ts'
import { all, rangeName } from '../tree.ts'
import { readQuery } from './query.ts'
import { insertRows } from './rows.ts'

export function truncate(draft: Draft, { relations, behavior, restart_seqs }: TruncateStmt): void {
  for (const range of all('RangeVar', relations))
    empty(
      draft,
      named(draft, rangeName(range)),
      range.inh === true,
      behavior === 'DROP_CASCADE',
      restart_seqs === true,
    )
}

function empty(draft: Draft, table: Relation, recurse: boolean, cascade: boolean, restart: boolean): void {
  if (draft.truncates.has(table)) return
  draft.truncates.add(table)
  lock(draft, table, 'AccessExclusiveLock')
  if (table.kind !== 'partitioned table') {
    lock(draft, table, 'ShareLock')
    lockAll(draft, table.indexes, 'AccessExclusiveLock')
  }
  if (restart) lockAll(draft, table.sequences, 'AccessExclusiveLock', 'RowExclusiveLock')
  if (recurse) for (const child of table.children) empty(draft, child, true, cascade, restart)
  if (cascade) for (const { table: child } of table.referencedBy) empty(draft, child, true, true, restart)
}

/** LOCK TABLE, with partitions and with what is under a view. */
export function lockTables(draft: Draft, { relations, mode = LOCK_MODES.length }: LockStmt): void {
  const wanted = LOCK_MODES[mode - 1] ?? 'AccessExclusiveLock'
  for (const range of all('RangeVar', relations))
    lockTree(draft, named(draft, rangeName(range)), wanted, range.inh === true)
}

function lockTree(draft: Draft, relation: Relation, mode: LockMode, recurse: boolean): void {
  lock(draft, relation, mode)
  if (relation.kind === 'view') {
    for (const { source } of relation.uses)
      if (!holds(draft, source, mode)) lockTree(draft, source, mode, true)
  } else if (recurse) for (const child of relation.children) lockTree(draft, child, mode, true)
}

export function copy(draft: Draft, { relation, query, is_from, attlist }: CopyStmt): void {
  if (query) readQuery(draft, query)
  if (!relation) return
  const table = named(draft, rangeName(relation))
  if (!is_from) lock(draft, table, 'AccessShareLock')
  else
    insertRows(draft, table, {
      cols: (attlist ?? []).map(node => ({
        ResTarget: { name: 'String' in node ? (node.String.sval ?? '') : '' },
      })),
    })
}

/** VACUUM and ANALYZE. */
export function vacuum(draft: Draft, { rels, options, is_vacuumcmd }: VacuumStmt): void {
  const tables = all('VacuumRelation', rels).flatMap(({ relation }) =>
    relation ? named(draft, rangeName(relation)) : [],
  )
  if (tables.length === 0) unknown(draft, 'works on every table')
  const isFull = all('DefElem', options).some(isOn('full'))
  const analyzes = !is_vacuumcmd || all('DefElem', options).some(isOn('analyze'))
  for (const table of tables) {
    if (isFull) rewrite(draft, table)
    else lock(draft, table, 'ShareUpdateExclusiveLock')
    scan(draft, table)
    if (analyzes) analyze(draft, table)
  }
}

function analyze(draft: Draft, table: Relation): void {
  if (table.kind !== 'partitioned table') lockAll(draft, table.indexes, 'AccessShareLock')
  for (const child of table.children) {
    lock(draft, child, 'AccessShareLock')
    if (table.kind !== 'partitioned table') continue
    lock(draft, child, 'ShareUpdateExclusiveLock')
    analyze(draft, child)
  }
}

function isOn(name: string): (option: DefElem) => boolean {
  return ({ defname, arg }) => {
    const value = arg && 'String' in arg ? arg.String.sval : undefined
    return defname === name && value !== 'false' && value !== 'off'
  }
}

export function cluster(draft: Draft, { relation }: ClusterStmt): void {
  if (!relation) {
    unknown(draft, 'works on every clustered table')
    return
  }
  const table = named(draft, rangeName(relation))
  rewrite(draft, table)
  lockAll(draft, table.indexes, 'AccessShareLock')
}

export function reindex(draft: Draft, { relation, kind, params }: ReindexStmt): void {
  if (!relation) {
    unknown(draft, 'works on every index')
    return
  }
  const found = named(draft, rangeName(relation), kind === 'REINDEX_OBJECT_INDEX' ? 'index' : 'table')
  const table = kind === 'REINDEX_OBJECT_INDEX' ? found.table : found
  const indexes = kind === 'REINDEX_OBJECT_INDEX' ? [found] : [...found.indexes]
  const concurrent = all('DefElem', params).some(isOn('concurrently'))
  if (table) {
    lock(draft, table, concurrent ? 'ShareUpdateExclusiveLock' : 'ShareLock')
    scan(draft, table)
  }
  lockAll(draft, indexes, concurrent ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock')
}
