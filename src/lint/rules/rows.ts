import type { AlterTableCmd, RangeVar } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import type { Effects } from '../../sql/effects.ts'
import type { Relation } from '../../sql/relations.ts'
import { all, as, nodesIn, rangeName } from '../../sql/tree.ts'
import { afterCommand, onStatement, type Rules } from '../rule.ts'
import { existing, type Past, type Scene } from '../scene.ts'
import { allowed, apart, columnList, rangeSql, together } from '../sql.ts'

/** Rows of one batch: some tenths of a second. */
const BATCH = 10_000

const ASSIGNMENT = /\bSET\s+("(?:[^"]|"")+"|[\w$]+)\s*=\s*(.*)$/is
const RETURNING = /\bRETURNING\b/i

export const rowRules: Rules = {
  'update-without-where': onStatement('UpdateStmt', (update, scene) => {
    if (!update.relation || update.whereClause || update.fromClause) return []
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
  }),

  'delete-without-where': onStatement('DeleteStmt', (remove, scene) => {
    if (!remove.relation || remove.whereClause || remove.usingClause) return []
    const table = existing(scene, rangeName(remove.relation))
    if (!table) return []
    const name = rangeSql(remove.relation)
    return [
      {
        table,
        message: `Every row of ${table.name} is deleted, in one transaction. If that is meant, delete ${BATCH.toLocaleString('en')} rows at a time, until none is left.`,
        fix: batched(scene)(
          `DELETE FROM ${name} WHERE ${keyOf(table)} IN (SELECT ${keyOf(table)} FROM ${name} LIMIT ${BATCH})`,
        ),
      },
    ]
  }),

  'rows-written-under-lock': {
    subjects: ['InsertStmt', 'UpdateStmt', 'DeleteStmt'],
    before: scene => {
      const target = writtenTable(scene)
      const holder = target && lockedBefore(scene)
      // an UPDATE or DELETE of all rows is told by its own rule
      if (!target || !holder || isOfAllRows(scene)) return []
      return [
        {
          table: target,
          message: `Line ${holder.past.step.statement.line} has locked ${holder.relation} for readers and writers, and the lock is held until the file commits: nobody can use it while the rows of ${target.name} are written.`,
          fix: apart(scene.step.sql),
        },
      ]
    },
  },

  'scan-under-lock': afterCommand(['AT_ValidateConstraint'], ({ command, table }, scene) => {
    const holder = lockedBefore(scene)
    if (!holder || scene.effects.scans.length === 0) return []
    const isNew = scene.earlier.some(({ step }) => adds(step.alter?.command, command.name))
    // told by validate-in-transaction
    if (isNew) return []
    return [
      {
        table,
        message: `Line ${holder.past.step.statement.line} has locked ${holder.relation} for readers and writers, and the lock is held until the file commits: nobody can use it while VALIDATE reads all of ${table.name}.`,
        fix: apart(scene.step.sql),
      },
    ]
  }),
}

/** A column that is set to a value of its row can be asked whether it holds it already. */
function inBatches(scene: Scene, range: RangeVar, table: Relation): string {
  const { sql } = scene.step
  const [, column = '', value = ''] = ASSIGNMENT.exec(sql) ?? []
  if (column === '' || RETURNING.test(value)) return allowed('update-without-where', sql)
  const name = rangeSql(range)
  return batched(scene)(
    `UPDATE ${name} SET ${column} = ${value} WHERE ${keyOf(table)} IN (SELECT ${keyOf(table)} FROM ${name} WHERE ${column} IS DISTINCT FROM (${value}) LIMIT ${BATCH})`,
  )
}

/** In a file of its own where the file holds a lock that others wait for. */
function batched(scene: Scene): typeof together {
  return lockedBefore(scene) ? apart : together
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

function isOfAllRows({ step: { tree } }: Scene): boolean {
  const update = as('UpdateStmt', tree)
  const remove = as('DeleteStmt', tree)
  if (update) return !update.whereClause && !update.fromClause
  return remove !== undefined && !remove.whereClause && !remove.usingClause
}

function adds(command: AlterTableCmd | undefined, name: string | undefined): boolean {
  const constraint = as('Constraint', command?.def)
  return constraint?.skip_validation === true && constraint.conname === name
}
