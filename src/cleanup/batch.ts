import type { Leaf } from '../catalog/leaves.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { type Cursor, joined, list, type Sweep, within } from './statements.ts'

/** Which rows one batch is about. */
export interface BatchRange {
  readonly after: Cursor | null
  readonly upTo: Cursor | null
  readonly limit: number
  /** Whether to lock the rows first, so that those that somebody has locked are passed over rather than waited for. */
  readonly locking: boolean
}

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
  const names = order.map(({ name }) => name)
  const keys = joined(
    sql,
    names.map(
      (name, index) =>
        sql`t.${name === 'ctid' ? sql`ctid` : identifier(sql, name)} AS ${identifier(sql, `k${index}`)}`,
    ),
  )
  const place = joined(
    sql,
    names.map((_, index) => sql`last.${identifier(sql, `k${index}`)}::text`),
  )
  const backwards = joined(
    sql,
    names.map((_, index) => sql`${identifier(sql, `k${index}`)} DESC`),
  )
  const chosen = sql`t.ctid = ANY (ARRAY(SELECT candidate.tid FROM candidates AS candidate)) AND ${condition}`
  const locked =
    leaf.mayLock && range.locking
      ? sql`locked AS MATERIALIZED (SELECT t.ctid AS tid FROM ONLY ${table} AS t WHERE ${chosen} FOR UPDATE SKIP LOCKED),`
      : sql`locked AS (SELECT candidate.tid FROM candidates AS candidate),`
  const [row] = await database.query<Batch>`
    WITH candidates AS MATERIALIZED (
      SELECT t.ctid AS tid, ${keys} FROM ONLY ${table} AS t
      WHERE ${condition}${within(sql, sweep, range)}
      ORDER BY ${list(sql, names, 't')}
      LIMIT ${range.limit}
    ), ${locked} gone AS (
      DELETE FROM ONLY ${table} AS t WHERE t.ctid = ANY (ARRAY(SELECT locked.tid FROM locked)) AND ${condition}
      RETURNING ${keepRows ? archived(database, leaf) : sql`NULL::text`} AS row
    )
    SELECT (SELECT count(*)::int FROM candidates) AS matched,
           (SELECT count(*)::int FROM gone) AS deleted,
           (SELECT array_to_json(ARRAY[${place}])
            FROM (SELECT * FROM candidates ORDER BY ${backwards} LIMIT 1) AS last) AS last,
           ${keepRows ? sql`(SELECT string_agg(gone.row, e'\n') FROM gone)` : sql`NULL::text`} AS rows`
  return row ?? { matched: 0, deleted: 0, last: null, rows: null }
}

/** A deleted row as a line of the archive, written as an export writes it; `json` keeps line breaks of its own. */
function archived({ sql }: Database, { schema, name }: Leaf) {
  const row = sql`replace(replace(row_to_json(t)::text, e'\n', ' '), e'\r', ' ')`
  return sql`'{"t":' || to_json(${`${schema}.${name}`}::text) || ',"r":' || ${row} || '}'`
}
