import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { OpsError } from '../../errors.ts'

/** Which part of a list: from a row number on, or after the last row of the page before. */
export interface Page {
  readonly limit: number
  readonly offset?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
  /** Whether all rows are to be counted, which reads all of them. */
  readonly count?: boolean | undefined
}

/** Newest first. Equal instants are told apart by the key, so that no row is skipped or shown twice. */
export interface Keyset {
  readonly instant: PgColumn
  readonly key: PgColumn
}

/** The rows after the one that the cursor names. Throws OpsError `usage`, exit 2, for what is no cursor. */
export function afterCursor({ instant, key }: Keyset, cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined
  const [at, id] = decoded(cursor)
  // the type is the column's: with parameters of unknown type the row comparison could not use the index
  return sql`(${instant}, ${key}) < (${at}::timestamptz, ${id}::${sql.raw(key.getSQLType())})`
}

/**
 * Where a row stands, as the server writes the instant: JavaScript's dates have no microseconds. The bare column, since
 * an expression would be computed for every row of the page (it made the list 1.7 times as dear as by hand).
 */
export function cursorOf({ instant }: Keyset): SQL<string> {
  return sql<string>`${instant}`
}

export function encoded(position: string): string {
  return Buffer.from(position).toString('base64url')
}

const POSITION = /^(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d(?::\d\d){0,2}) (.+)$/

function decoded(cursor: string): [at: string, id: string] {
  const [, at, id] = POSITION.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at && id) return [at, id]
  throw new OpsError({
    code: 'usage',
    message: `${cursor} is not where a page ends.`,
    hint: 'Give --after the value of next of the page before.',
    exit: 2,
  })
}

/** A page of a list: `next` is null on the last one, `total` is there where it was asked for. */
export interface Paged<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
  readonly total?: number
}

/** How many rows there are in all, as a column of each row: the server counts once. Null where nobody asked. */
export function totalColumn({ count }: Page, counted: SQLWrapper): SQL<number | null> {
  return count ? sql<number | null>`(${counted})` : sql<number | null>`null::int`
}

/** One row more than asked for says whether another page follows. A page without rows has nobody to tell the total. */
export async function paged<
  Row extends { readonly id: string; readonly cursor: string; readonly total: number | null },
>(
  { limit, count }: Page,
  rows: readonly Row[],
  countAll: () => Promise<number>,
): Promise<Paged<Omit<Row, 'cursor' | 'total'>>> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return {
    rows: kept.map(({ cursor, total, ...row }) => row),
    next: rows.length > limit && last ? encoded(`${last.cursor} ${last.id}`) : null,
    ...(count && { total: last?.total ?? (await countAll()) }),
  }
}
