import type { ForeignKeyRow } from '../catalog/foreign-keys.ts'
import type { TableRow } from '../catalog/tables.ts'
import type { Sql } from '../database/connect.ts'
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

/** Beyond so many ways each table is followed once: keys side by side multiply them. */
const WAYS = 100

/**
 * All references to the rows of a table and to what goes with them, the nearest first; by each way that leads there.
 * NOT ENFORCED keys are left out: nothing happens by them.
 */
export function referencesTo(
  table: TableRow,
  tables: readonly TableRow[],
  keys: readonly ForeignKeyRow[],
): Reference[] {
  const found: Reference[] = []
  const waiting: { table: TableRow; through: readonly Reference[] }[] = [{ table, through: [] }]
  for (const { table: parent, through } of waiting)
    for (const key of keys.filter(each => each.references === parent.oid && !each.notEnforced)) {
      const child = tables.find(({ oid }) => oid === key.table)
      if (!child) continue
      const reference = { key, child, onDelete: ON_DELETE[key.onDelete] ?? 'NO ACTION', through }
      found.push(reference)
      if (reference.onDelete !== 'CASCADE' || through.some(step => step.key === key)) continue
      if (waiting.length < WAYS || !waiting.some(each => each.table === child))
        waiting.push({ table: child, through: [...through, reference] })
    }
  return found
}

/** Whether a row stands in the way of what the policy deletes. False where that is not to be seen: the server will. */
export async function isReferenced(
  database: Database,
  subject: Subject,
  { key, child, through }: Reference,
  cutoff: string | null,
): Promise<boolean> {
  const { sql } = database
  const steps = [...through, { key, child }]
  const chain = steps.reduce<Fragment>((all, step, index) => sql`${all}${referring(sql, step, index)}`, sql``)
  for (const leaf of subject.leaves) {
    const { condition } = sweepOf(database, subject, leaf, cutoff)
    const rows = await database.query`
      SELECT FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
      WHERE ${condition}${chain}${sql.unsafe(')'.repeat(steps.length))}
      LIMIT 1`.catch(notKnown)
    // a look that takes too long at one leaf will at the next
    if (rows === undefined) return false
    if (rows.length > 0) return true
  }
  return false
}

/** The beginning of an EXISTS: a row `r1` that refers to `r0`, which in turn refers to the policy's `t`. */
function referring(sql: Sql, { key, child }: Pick<Reference, 'key' | 'child'>, index: number): Fragment {
  const row = identifier(sql, `r${index}`)
  const parent = identifier(sql, index === 0 ? 't' : `r${index - 1}`)
  const pairs = key.columns.reduce<Fragment>(
    (before, column, at) =>
      sql`${before} AND ${parent}.${identifier(sql, key.referenced[at] ?? '')} ${sql.unsafe(key.operators[at] ?? '=')} ${row}.${identifier(sql, column)}`,
    key.leaves ? sql`${row}.tableoid = ANY (${`{${key.leaves}}`}::text::oid[])` : sql`true`,
  )
  const table = sql`${child.partitioned ? sql`` : sql`ONLY `}${identifier(sql, child.schema, child.name)}`
  return sql` AND EXISTS (SELECT FROM ${table} AS ${row} WHERE ${pairs}`
}

/** No right, a statement or a lock that takes too long: with millions of rows the look may itself be the outage. */
const UNKNOWN = ['42501', '55P03', '57014']

function notKnown(error: unknown): undefined {
  if (error instanceof OpsError && UNKNOWN.includes(error.sqlstate ?? '')) return undefined
  throw error
}
