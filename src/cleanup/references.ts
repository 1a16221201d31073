import type { ForeignKeyRow } from '../catalog/foreign-keys.ts'
import type { TableRow } from '../catalog/tables.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { type Fragment, sweepOf } from './statements.ts'
import type { Subject } from './subject.ts'

/** What a row that goes does to rows that refer to it. */
export type OnDelete = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT'

/** A foreign key that a policy meets: to its own rows, or to rows that go with them. */
export interface Reference {
  readonly key: ForeignKeyRow
  /** The table that refers. */
  readonly child: TableRow
  readonly onDelete: OnDelete
  /** The cascades that lead to the rows that are referred to, from the policy's own on. */
  readonly through: readonly Reference[]
}

/** Whether it keeps the row that is referred to; the others change those that refer. */
export function isBlocking(onDelete: OnDelete): onDelete is 'NO ACTION' | 'RESTRICT' {
  return onDelete === 'NO ACTION' || onDelete === 'RESTRICT'
}

const ON_DELETE: Readonly<Record<string, OnDelete>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

/**
 * All references to the rows of a table and to what goes with them, the nearest first. NOT ENFORCED keys are left out:
 * nothing happens by them.
 */
export function referencesTo(
  table: TableRow,
  tables: readonly TableRow[],
  keys: readonly ForeignKeyRow[],
): Reference[] {
  const found: Reference[] = []
  const waiting: { table: TableRow; through: readonly Reference[] }[] = [{ table, through: [] }]
  const seen = [table]
  for (const { table: parent, through } of waiting)
    for (const key of keys.filter(each => each.references === parent.oid && !each.notEnforced)) {
      const child = tables.find(({ oid }) => oid === key.table)
      if (!child) continue
      const reference = { key, child, onDelete: ON_DELETE[key.onDelete] ?? 'NO ACTION', through }
      found.push(reference)
      if (reference.onDelete !== 'CASCADE' || seen.includes(child)) continue
      seen.push(child)
      waiting.push({ table: child, through: [...through, reference] })
    }
  return found
}

/** Whether a row stands in the way of what the policy deletes. False where this role may not look: the server will. */
export async function isReferenced(
  database: Database,
  subject: Subject,
  { key, child, through }: Reference,
  cutoff: string | null,
): Promise<boolean> {
  const { sql } = database
  const steps = [...through, { key, child }]
  const chain = steps.reduce<Fragment>((all, step, index) => {
    const table = identifier(sql, step.child.schema, step.child.name)
    const parent = identifier(sql, index === 0 ? 't' : `r${index - 1}`)
    const alias = identifier(sql, `r${index}`)
    const pairs = step.key.columns.reduce<Fragment>((before, column, at) => {
      const pair: Fragment = sql`${alias}.${identifier(sql, column)} = ${parent}.${identifier(sql, step.key.referenced[at] ?? '')}`
      return at === 0 ? pair : sql`${before} AND ${pair}`
    }, sql``)
    return sql`${all} AND EXISTS (SELECT FROM ${table} AS ${alias} WHERE ${pairs}`
  }, sql``)
  for (const leaf of subject.leaves) {
    const { condition } = sweepOf(database, subject, leaf, cutoff)
    const rows = await database.query`
      SELECT FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
      WHERE ${condition}${chain}${sql.unsafe(')'.repeat(steps.length))}
      LIMIT 1`.catch(notPermitted)
    if (rows.length > 0) return true
  }
  return false
}

function notPermitted(error: unknown): [] {
  if (error instanceof OpsError && error.sqlstate === '42501') return []
  throw error
}
