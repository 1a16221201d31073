import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { type Batch, candidates, last, type Range } from './batch.ts'
import { type Cursor, type Sweep, within } from './statements.ts'

/** Where a range holds its row number `rows`; null where it holds fewer. */
export async function findEnd(
  database: Database,
  sweep: Sweep,
  range: Range,
  rows: number,
): Promise<Cursor | null> {
  const [row] = await database.query<{ last: Cursor | null }>`
    WITH candidates AS (${candidates(database, sweep, range, 1, rows - 1)})
    SELECT ${last(database.sql, sweep.order)} AS last`
  return row?.last ?? null
}

/**
 * Deletes a range up to its row number `rows`, whose place is `end`, in the open transaction. Takes half the time of
 * {@link deleteBatch} (50,000 rows: 71 ms of 151), which keeps each row's place first; but rows that come into the
 * range meanwhile go as well, and nobody's lock is passed over.
 */
export async function deleteStretch(
  database: Database,
  { leaf, condition, order }: Sweep,
  { after, upTo }: Range,
  end: Cursor | null,
  rows: number,
): Promise<Batch> {
  const { sql } = database
  const deleted = await database.change`
    DELETE FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t
    WHERE ${condition}${within(sql, order, { after, upTo: end ?? upTo })}`
  return { matched: end ? Math.max(rows, deleted) : deleted, deleted, last: end, rows: null }
}
