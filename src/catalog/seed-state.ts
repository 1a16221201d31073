import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'

/** How many rows a table has, counted. */
export async function rowsIn(database: Database, schema: string, name: string): Promise<number> {
  const [row] = await database.query<{ rows: number }>`
    SELECT count(*)::float8 AS rows FROM ${database.sql.unsafe(quoted(schema, name))}`
  return row?.rows ?? 0
}

/** The largest number in a column; 0 without rows. */
export async function largestIn(
  database: Database,
  schema: string,
  name: string,
  column: string,
): Promise<number> {
  const [row] = await database.query<{ largest: number }>`
    SELECT coalesce(max(${database.sql.unsafe(quoted(column))}), 0)::float8 AS largest
    FROM ${database.sql.unsafe(quoted(schema, name))}`
  return row?.largest ?? 0
}

/** The values of some columns as text, in the order of the first of them, at most `limit` rows. */
export async function valuesIn(
  database: Database,
  schema: string,
  name: string,
  columns: readonly string[],
  limit: number,
): Promise<Map<string, (string | null)[]>> {
  const list = columns.map((_, index) => `json_agg(c${index} ORDER BY place) AS c${index}`).join(', ')
  const inner = columns.map((column, index) => `${quoted(column)}::text AS c${index}`).join(', ')
  const order = columns.map(column => quoted(column)).join(', ')
  const [row] = await database.query<Record<string, (string | null)[] | null>>`
    SELECT ${database.sql.unsafe(list)}
    FROM (SELECT ${database.sql.unsafe(inner)}, row_number() OVER (ORDER BY ${database.sql.unsafe(order)}) AS place
          FROM ${database.sql.unsafe(quoted(schema, name))}
          ORDER BY ${database.sql.unsafe(order)} LIMIT ${limit}::int) AS found`
  return new Map(columns.map((column, index) => [column, row?.[`c${index}`] ?? []]))
}

/** Sets a sequence so that what it gives out next lies beyond the largest number in the column; never back. */
export async function advanceSequence(
  { script }: Pick<Database, 'script'>,
  schema: string,
  name: string,
  column: string,
  sequence: string,
): Promise<void> {
  await script(
    `SELECT setval(${literal(sequence)}::regclass, largest) FROM (
      SELECT greatest(max(${quoted(column)}), (SELECT last_value FROM ${sequence})) AS largest
      FROM ${quoted(schema, name)}) AS found
    WHERE largest IS NOT NULL AND EXISTS (SELECT FROM ${quoted(schema, name)})`,
  )
}
