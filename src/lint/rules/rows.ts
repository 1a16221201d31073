import type { Node, RangeVar } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { qualified } from '../../sql/draft.ts'
import type { Effects } from '../../sql/effects.ts'
import type { Relation } from '../../sql/relations.ts'
import { all, as, nodesIn, rangeName } from '../../sql/tree.ts'
import { existing, type Past, type Rules, type Scene } from '../scene.ts'
import { allowed, apart, columnList, rangeSql, together } from '../sql.ts'

/** Rows of one batch: some tenths of a second. */
const BATCH = 10_000

export const rowRules: Rules = {
  'update-without-where': scene => {
    const update = as('UpdateStmt', scene.step.tree)
    if (!update?.relation || update.whereClause || update.fromClause) return []
    const table = existing(scene, rangeName(update.relation))
    if (!table) return []
    const assignments = all('ResTarget', update.targetList).map(({ name = '' }) => name)
    return [
      {
        table,
        message: `One transaction writes every row of ${table.name}: rows stay locked until it ends, and the table grows to twice its size. Write ${BATCH.toLocaleString('en')} rows at a time, until none is changed.`,
        fix:
          assignments.length === 1
            ? inBatches(scene, update.relation, table)
            : allowed('update-without-where', scene.step.sql),
      },
    ]
  },

  'delete-without-where': scene => {
    const remove = as('DeleteStmt', scene.step.tree)
    if (!remove?.relation || remove.whereClause || remove.usingClause) return []
    const table = existing(scene, rangeName(remove.relation))
    if (!table) return []
    const name = rangeSql(remove.relation)
    return [
      {
        table,
        message: `Every row of ${table.name} is deleted, in one transaction. If that is meant, delete ${BATCH.toLocaleString('en')} rows at a time, until none is left.`,
        fix: together(
          `DELETE FROM ${name} WHERE ${keyOf(table)} IN (SELECT ${keyOf(table)} FROM ${name} LIMIT ${BATCH})`,
        ),
      },
    ]
  },

  'rows-written-under-lock': scene => {
    const target = writtenTable(scene)
    const holder = target && lockedBefore(scene)
    if (!target || !holder) return []
    return [
      {
        table: target,
        message: `Line ${holder.past.step.statement.line} has locked ${holder.relation} for readers and writers, and the lock is held until the file commits: nobody can use it while the rows of ${target.name} are written.`,
        fix: apart(scene.step.sql),
      },
    ]
  },

  'scan-under-lock': scene => {
    const { scans, rewrites } = scene.effects
    const holder = lockedBefore(scene)
    if (!holder || as('AlterTableStmt', scene.step.tree)?.cmds?.some(isValidation)) return []
    const [slow] = [...scans, ...rewrites].filter(relation => relation !== holder.relation)
    if (!slow || writtenTable(scene)) return []
    const table = tableOf(scene, slow)
    return [
      {
        table,
        message: `Line ${holder.past.step.statement.line} has locked ${holder.relation} for readers and writers, and the lock is held until the file commits: nobody can use it while this statement reads all of ${table?.name ?? slow}.`,
        fix: apart(scene.step.sql),
      },
    ]
  },
}

/** A column that is set to a value of its row can be asked whether it holds it already. */
function inBatches({ step }: Scene, range: RangeVar, table: Relation): string {
  const sql = step.sql
  const [, column = '', value = ''] = /\bSET\s+("(?:[^"]|"")+"|[\w$]+)\s*=\s*(.*)$/is.exec(sql) ?? []
  if (column === '' || /\bRETURNING\b/i.test(value)) return allowed('update-without-where', sql)
  const name = rangeSql(range)
  return together(
    `UPDATE ${name} SET ${column} = ${value} WHERE ${keyOf(table)} IN (SELECT ${keyOf(table)} FROM ${name} WHERE ${column} IS DISTINCT FROM (${value}) LIMIT ${BATCH})`,
  )
}

/** What tells rows apart: the primary key where it is known. */
function keyOf(table: Relation): string {
  const columns = [...table.constraints].find(({ kind }) => kind === 'primary')?.columns ?? []
  if (columns.length === 1) return quoted(columns[0] ?? '')
  if (columns.length > 1) return columnList(columns)
  return table.kind === 'table' ? 'ctid' : '(tableoid, ctid)'
}

function writtenTable(scene: Scene): Relation | undefined {
  const { tree } = scene.step
  const insert = as('InsertStmt', tree)
  const rows = as('SelectStmt', insert?.selectStmt)
  const copies =
    insert && rows?.valuesLists === undefined && [...nodesIn([rows])].some(({ kind }) => kind === 'RangeVar')
  const range =
    as('UpdateStmt', tree)?.relation ??
    as('DeleteStmt', tree)?.relation ??
    (copies ? insert.relation : undefined)
  return range && existing(scene, rangeName(range))
}

/** The first statement of the transaction that keeps readers from a table that others use. */
function lockedBefore({ earlier }: Scene): { readonly past: Past; readonly relation: string } | undefined {
  for (const past of earlier) {
    const lock = shuttingLock(past.effects)
    if (lock) return { past, relation: lock }
  }
  return undefined
}

function shuttingLock({ locks }: Effects): string | undefined {
  return locks.find(
    ({ mode, kind, created }) =>
      mode === 'AccessExclusiveLock' && !created && (kind === 'table' || kind === 'partitioned table'),
  )?.relation
}

function isValidation(command: Node): boolean {
  return as('AlterTableCmd', command)?.subtype === 'AT_ValidateConstraint'
}

function tableOf({ relations }: Scene, name: string): Relation | undefined {
  return [...relations.byName.values()].find(each => qualified(each) === name)
}
