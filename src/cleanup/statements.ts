import type { Leaf } from '../catalog/leaves.ts'
import type { Sql } from '../database/connect.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { INSTANTS, type Subject } from './subject.ts'

/** A piece of a statement, with its parameters. */
export type Fragment = ReturnType<Sql>

/** A place in the order in which rows go, as text of the server's: JavaScript never reads the values. */
export type Cursor = readonly string[]

/** One leaf of a table, and how its rows are chosen. */
export interface Sweep {
  readonly leaf: Leaf
  /** Which rows go, of an alias `t`. */
  readonly condition: Fragment
  /** What the rows are ordered by. */
  readonly order: readonly { readonly name: string; readonly type: string }[]
  /** Whether an index leads through the rows in this order and next to no others. */
  readonly dense: boolean
}

/** The leaf's rows that a policy takes. `cutoff` is an instant as text; null for what has no age. */
export function sweepOf({ sql }: Database, subject: Subject, leaf: Leaf, cutoff: string | null): Sweep {
  const condition: Fragment =
    subject.policy.kind === 'orphans'
      ? orphaned(sql, subject)
      : sql`${aged(sql, subject, cutoff ?? '')}${spared(sql, subject)}`
  const { policy, column } = subject
  return {
    leaf,
    condition,
    order: order(subject),
    dense: policy.kind === 'age' && !policy.keepLast && column.indexed,
  }
}

/** The names of the columns that rows are ordered by. */
export function orderOf(subject: Subject): string[] {
  return order(subject).map(({ name }) => name)
}

function order({ policy, table, column }: Subject): Sweep['order'] {
  const key = (table.identity ?? ['ctid']).map((name, index) => ({ name, type: table.casts[index] ?? 'tid' }))
  return policy.kind === 'orphans'
    ? key
    : [{ name: column.name, type: column.type }, ...key.filter(({ name }) => name !== column.name)]
}

/**
 * Older than the cutoff, whatever zone the session is in: what has no time zone holds UTC, as Drizzle writes it.
 */
function aged(sql: Sql, { column }: Subject, cutoff: string): Fragment {
  const at = sql`${cutoff}::timestamptz`
  const bound =
    column.type === 'timestamp with time zone'
      ? at
      : column.type === 'date'
        ? sql`(${at} AT TIME ZONE 'UTC')::date`
        : sql`(${at} AT TIME ZONE 'UTC')`
  return sql`t.${identifier(sql, column.name)} < ${bound}`
}

/** Of `keepLast`: as many newer rows of the same `per` stand there as are to be kept. */
function spared(sql: Sql, { policy, table, column, per }: Subject): Fragment {
  if (policy.kind !== 'age' || !policy.keepLast || !per) return sql``
  const key = [column.name, ...(table.identity ?? ['ctid'])]
  const newer = sql`(${list(sql, key, 'newer')}) > (${list(sql, key, 't')})`
  return sql` AND (
    SELECT count(*) FROM (
      SELECT FROM ${identifier(sql, table.schema, table.name)} AS newer
      WHERE newer.${identifier(sql, per.name)} = t.${identifier(sql, per.name)} AND ${newer}
      LIMIT ${policy.keepLast.rows}) AS kept) >= ${policy.keepLast.rows}`
}

function orphaned(sql: Sql, { column, referenced }: Subject): Fragment {
  const value = sql`t.${identifier(sql, column.name)}`
  if (!referenced) return sql`false`
  const { table, column: key } = referenced
  return sql`${value} IS NOT NULL AND NOT EXISTS (
    SELECT FROM ${identifier(sql, table.schema, table.name)} AS parent
    WHERE parent.${identifier(sql, key.name)} = ${value})`
}

/** Behind `after` and up to `upTo`, both as far as they are given. */
export function within(
  sql: Sql,
  order: Sweep['order'],
  { after, upTo }: { readonly after: Cursor | null; readonly upTo: Cursor | null },
): Fragment {
  const columns = list(
    sql,
    order.map(({ name }) => name),
    't',
  )
  const place = (cursor: Cursor) =>
    joined(
      sql,
      order.map(({ type }, index) => valueIn(sql, cursor[index], type)),
    )
  return sql`${after ? sql` AND (${columns}) > (${place(after)})` : sql``}${
    upTo ? sql` AND (${columns}) <= (${place(upTo)})` : sql``
  }`
}

/** No further than the first value of `cursor`. As an equality it would let the planner walk all of another index. */
export function notBeyond(sql: Sql, { order: [first] }: Sweep, [value]: Cursor): Fragment {
  return first ? sql` AND ${list(sql, [first.name], 't')} <= ${valueIn(sql, value, first.type)}` : sql``
}

/** By the first value alone, of which the planner knows that it is one range: of two rows it takes each for itself. */
export function between(sql: Sql, sweep: Sweep, after: Cursor | null, upTo: Cursor): Fragment {
  const [first] = sweep.order
  const from =
    first && after
      ? sql` AND ${list(sql, [first.name], 't')} >= ${valueIn(sql, after[0], first.type)}`
      : sql``
  return sql`${from}${notBeyond(sql, sweep, upTo)}`
}

/** Through text, as the driver has its own ideas of some types; but an instant would be read out of text for each row. */
function valueIn(sql: Sql, value: string | undefined, type: string): Fragment {
  const cast = sql.unsafe(type)
  return INSTANTS.includes(type) ? sql`${value ?? ''}::${cast}` : sql`${value ?? ''}::text::${cast}`
}

export function list(sql: Sql, names: readonly string[], alias: string): Fragment {
  return joined(
    sql,
    names.map(name => sql`${identifier(sql, alias)}.${name === 'ctid' ? sql`ctid` : identifier(sql, name)}`),
  )
}

export function joined(sql: Sql, parts: readonly Fragment[]): Fragment {
  return parts.reduce((whole, part, index) => (index === 0 ? part : sql`${whole}, ${part}`), sql``)
}
