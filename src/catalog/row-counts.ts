import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'

/** A table as migrations name it: what is in public goes by the search_path. */
export interface TableRef {
  readonly schema: string
  readonly table: string
}

/** undefined_table, undefined_column, invalid_schema_name: then there is nothing to count */
const NOT_THERE = ['42P01', '42703', '3F000']
/** insufficient_privilege: the table's, or row level security's */
const NOT_ALLOWED = '42501'

/** The rows of a table. Here and below: 0 where there is no such thing, null where our role may not see all of it. */
export async function countRows(database: Database, table: TableRef): Promise<number | null> {
  return counted(
    database,
    () => database.query<Count>`SELECT count(*)::float8 AS found FROM ${relation(database, table)}`,
  )
}

/** The rows in which a column holds a value. */
export async function countValues(
  database: Database,
  table: TableRef,
  column: string,
): Promise<number | null> {
  const name = identifier(database.sql, column)
  return counted(
    database,
    () => database.query<Count>`SELECT count(${name})::float8 AS found FROM ${relation(database, table)}`,
  )
}

/** The rows in which a column holds none. */
export async function countNulls(
  database: Database,
  table: TableRef,
  column: string,
): Promise<number | null> {
  const name = identifier(database.sql, column)
  return counted(
    database,
    () => database.query<Count>`
      SELECT count(*)::float8 AS found FROM ${relation(database, table)} WHERE ${name} IS NULL`,
  )
}

/** The rows in which a column of an enum, or of its arrays, holds one of these values. */
export async function countLabels(
  database: Database,
  table: TableRef,
  column: string,
  labels: readonly string[],
): Promise<number | null> {
  const name = identifier(database.sql, column)
  return counted(
    database,
    () => database.query<Count>`
      SELECT count(*)::float8 AS found
      FROM ${relation(database, table)}
      WHERE EXISTS (SELECT FROM unnest(ARRAY[${name}]::text[]) AS held (label)
                    WHERE label IN (SELECT json_array_elements_text(${JSON.stringify(labels)}::text::json)))`,
  )
}

interface Count {
  readonly found: number
}

function relation({ sql }: Database, { schema, table }: TableRef) {
  return schema === 'public' ? identifier(sql, table) : identifier(sql, schema, table)
}

/** Without row level security the server counts all rows or refuses: some would be worse than none. */
async function counted(database: Database, count: () => Promise<Count[]>): Promise<number | null> {
  try {
    const rows = await withTransaction(database, 'BEGIN READ ONLY; SET LOCAL row_security = off', count)
    return rows[0]?.found ?? null
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    if (NOT_THERE.includes(error.sqlstate ?? '')) return 0
    if (error.sqlstate === NOT_ALLOWED) return null
    throw error
  }
}
