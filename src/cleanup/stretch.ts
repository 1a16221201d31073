import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { type Batch, candidates, lastOf, type Range } from './batch.ts'
import { between, type Cursor, type Sweep, within } from './statements.ts'

/** Where a range holds its row number `rows`; null where it holds fewer. */
export async function findEnd(
  database: Database,
  sweep: Sweep,
  range: Range,
  rows: number,
): Promise<Cursor | null> {
  const [row] = await database.query<{ last: Cursor | null }>`
    WITH candidates AS (${candidates(database, sweep, range, 1, rows - 1)})
    SELECT ${lastOf(database.sql, sweep.order)} AS last`
  return row?.last ?? null
}

/**
 * Deletes the `rows` rows of a range up to the place of the last, in the open transaction. Takes half the time of
 * {@link deleteBatch} (50,000 rows: 71 ms of 151), which keeps each row's place first; but rows that come into the
 * range meanwhile go as well, and nobody's lock is passed over.
 */
export async function deleteStretch(
  database: Database,
  sweep: Sweep,
  after: Cursor | null,
  last: Cursor,
  rows: number,
): Promise<Batch> {
  const { sql } = database
  const { leaf, condition, order } = sweep
  const deleted = await database.change`
    DELETE FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
    WHERE ${condition}${within(sql, order, { after, upTo: last })}${between(sql, sweep, after, last)}`
  return { matched: Math.max(rows, deleted), deleted, last, rows: null }
}
