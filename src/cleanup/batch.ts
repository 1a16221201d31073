import type { Leaf } from '../catalog/leaves.ts'
import type { Sql } from '../database/connect.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { type Cursor, type Fragment, joined, list, notBeyond, type Sweep, within } from './statements.ts'

/**
 * Which rows a batch deletes. `all`: whoever has locked one of them is waited for. `unlocked`: locks them first, and
 * passes over those that somebody has locked. `none`: passes over them.
 */
export type Taking = 'all' | 'unlocked' | 'none'

/** Where a batch looks for rows: in a range, or among those that `findTied` has found. */
export type Place = Range | { readonly among: readonly string[] }

export interface Range {
  readonly after: Cursor | null
  readonly upTo: Cursor | null
}

/** Which rows one batch is about. */
export type BatchRange = Place & { readonly limit: number; readonly taking: Taking }

export interface Batch {
  /** Rows that the policy takes in the range, at most as many as asked for. */
  readonly matched: number
  readonly deleted: number
  /** Where the last of them stands; null where there was none. */
  readonly last: Cursor | null
  /** The deleted rows as JSON, one a line, where they were asked for. */
  readonly rows: string | null
}

/**
 * Deletes one batch in the open transaction. Rows are found by their order in an index, with the place of the last
 * batch as the bound, so that no batch reads again what the ones before have deleted (with an old snapshot held open
 * that costs 8 ms more with each 5,000 rows). They go by ctid, which is right here alone: within one statement and
 * one leaf.
 */
export async function deleteBatch(
  database: Database,
  sweep: Sweep,
  range: BatchRange,
  keepRows: boolean,
): Promise<Batch> {
  const { sql } = database
  const { leaf, condition, order } = sweep
  const table = identifier(sql, leaf.schema, leaf.name)
  const [row] = await database.query<Batch>`
    WITH candidates AS MATERIALIZED (${candidates(database, sweep, range, range.limit)}),
    taken AS MATERIALIZED (${taken(database, sweep, range.taking)}),
    gone AS (
      DELETE FROM ONLY ${table} AS t WHERE t.ctid = ANY (ARRAY(SELECT taken.tid FROM taken)) AND ${condition}
      RETURNING ${keepRows ? archived(database, leaf) : sql`NULL::text`} AS row
    )
    SELECT (SELECT count(*)::int FROM candidates) AS matched,
           (SELECT count(*)::int FROM gone) AS deleted,
           ${lastOf(sql, order)} AS last,
           ${keepRows ? sql`(SELECT string_agg(gone.row, e'\n') FROM gone)` : sql`NULL::text`} AS rows`
  return row ?? { matched: 0, deleted: 0, last: null, rows: null }
}

export interface TiedRange {
  readonly after: Cursor
  readonly upTo: Cursor | null
}

export interface TiedRows {
  /** Their places. */
  readonly rows: readonly string[]
  /** Where the last of them stands in the order; null where there was none. */
  readonly last: Cursor | null
}

/** At most `limit` rows that the policy takes and that share the first value of `after`, behind it. */
export async function findTied(
  database: Database,
  sweep: Sweep,
  { after, upTo }: TiedRange,
  limit: number,
): Promise<TiedRows> {
  const { sql } = database
  const condition: Fragment = sql`${sweep.condition}${notBeyond(sql, sweep, after)}`
  const [row] = await database.query<{ rows: string[]; last: Cursor | null }>`
    WITH candidates AS MATERIALIZED (${candidates(database, { ...sweep, condition }, { after, upTo }, limit)})
    SELECT (SELECT coalesce(array_to_json(array_agg(candidate.tid::text)), '[]') FROM candidates AS candidate) AS rows,
           ${lastOf(sql, sweep.order)} AS last`
  return row ?? { rows: [], last: null }
}

export function candidates(
  { sql }: Database,
  { leaf, condition, order }: Sweep,
  place: Place,
  limit: number,
  offset = 0,
): Fragment {
  const names = order.map(({ name }) => name)
  const keys = joined(
    sql,
    names.map(
      (name, index) =>
        sql`t.${name === 'ctid' ? sql`ctid` : identifier(sql, name)} AS ${identifier(sql, `k${index}`)}`,
    ),
  )
  return sql`
    SELECT t.ctid AS tid, ${keys} FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
    WHERE ${condition}${'among' in place ? among(sql, place.among.slice(0, limit)) : within(sql, order, place)}
    ORDER BY ${list(sql, names, 't')}
    LIMIT ${limit} OFFSET ${offset}`
}

/** Other rows may stand there by now: they go if the policy takes them as well. */
function among(sql: Sql, tids: readonly string[]): Fragment {
  const array = `{${tids.map(tid => `"${tid}"`).join()}}`
  return sql` AND t.ctid = ANY (${array}::text::tid[])`
}

function taken({ sql }: Database, { leaf, condition }: Sweep, taking: Taking): Fragment {
  const all: Fragment = sql`SELECT candidate.tid FROM candidates AS candidate`
  if (taking === 'all') return all
  if (taking === 'none') return sql`${all} WHERE false`
  return sql`SELECT t.ctid AS tid FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
    WHERE t.ctid = ANY (ARRAY(${all})) AND ${condition} FOR UPDATE SKIP LOCKED`
}

/** Where the last of the candidates stands. */
export function lastOf(sql: Sql, order: Sweep['order']): Fragment {
  const keys = order.map((_, index) => identifier(sql, `k${index}`))
  const values = joined(
    sql,
    keys.map(key => sql`last.${key}::text`),
  )
  const backwards = joined(
    sql,
    keys.map(key => sql`${key} DESC`),
  )
  return sql`(SELECT array_to_json(ARRAY[${values}])
    FROM (SELECT * FROM candidates ORDER BY ${backwards} LIMIT 1) AS last)`
}

/** A deleted row as a line of the archive, written as an export writes it; `json` keeps line breaks of its own. */
function archived({ sql }: Database, { schema, name }: Leaf) {
  const row = sql`replace(replace(row_to_json(t)::text, e'\n', ' '), e'\r', ' ')`
  return sql`'{"t":' || to_json(${`${schema}.${name}`}::text) || ',"r":' || ${row} || '}'`
}
