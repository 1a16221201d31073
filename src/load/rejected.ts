import type { Archive, Chunk } from '../archive/read.ts'
import type { Database } from '../database/database.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import { STAGING } from './settings.ts'
import { copyLines, lineTypeSql, RAW, readSql, valuesOf } from './stage.ts'
import { bare, type LoadTable, lineTypeOf } from './tables.ts'

/** data_exception, integrity_constraint_violation (of a domain), and what a type's own input may raise */
const OF_VALUES = /^(22|23|54|P0|XX)/
const NUMBERED = 'pg_temp.drizzle_ops_numbered'
const COPY_LINE = /^COPY (\S+), line (\d+)/m

/**
 * What the server said of a chunk, with the line and the column of which it did. It was all rolled back by then, so
 * the chunk is read again in a transaction of its own, by halves.
 */
export async function rejected(
  database: Database,
  { file }: Archive,
  load: LoadTable,
  chunk: Chunk,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof OpsError) || !OF_VALUES.test(error.sqlstate ?? '')) return error
  await database.script('ROLLBACK')
  const place = await withTransaction(database, `BEGIN; ${STAGING}`, () => find(database, load, chunk, error))
  const line = place.line ?? chunk.line
  const what =
    place.column === undefined
      ? `a row that the server cannot read`
      : `a value that ${load.archived.table}.${place.column} does not take`
  return new OpsError({
    code: 'value-rejected',
    message: `${file} holds ${what} (line ${line}).`,
    hint: `See the line with sed -n ${line}p, unpacked. An archive that drizzle-ops has written for this schema holds no such value.`,
    exit: 2,
    sqlstate: error.sqlstate,
    where: { file, line },
    cause: error,
  })
}

async function find(
  database: Database,
  load: LoadTable,
  chunk: Chunk,
  error: OpsError,
): Promise<{ readonly line?: number; readonly column?: string }> {
  const refused = refusedLine(error)
  if (refused?.by === bare(RAW)) return { line: chunk.line - 1 + refused.line }
  await database.script(
    `CREATE TEMPORARY TABLE drizzle_ops_raw (line json) ON COMMIT DROP; ${lineTypeSql(load)}`,
  )
  try {
    await copyLines(database, chunk.lines)
  } catch (again) {
    // lines that are no JSON, or no text of the database's encoding, have no columns
    const line = refusedLine(again)?.line
    if (line === undefined) throw again
    return { line: chunk.line - 1 + line }
  }
  await database.script(
    `CREATE TEMPORARY TABLE ${bare(NUMBERED)} ON COMMIT DROP AS SELECT row_number() OVER () AS number, line FROM ${RAW}`,
  )
  const readable = async (from: number, to: number, values: readonly string[]) => {
    await database.script('SAVEPOINT drizzle_ops_reading')
    try {
      await database.script(
        `SELECT count(ROW(${values.join(', ')})) FROM (${readSql(load, `${NUMBERED} WHERE number BETWEEN ${from} AND ${to}`)}) AS read`,
      )
      return true
    } catch {
      await database.script('ROLLBACK TO drizzle_ops_reading')
      return false
    }
  }
  const all = valuesOf(load)
  let first = refused?.line ?? 1
  let last = refused?.line ?? chunk.rows
  while (first < last) {
    const middle = Math.floor((first + last) / 2)
    if (await readable(first, middle, all)) first = middle + 1
    else last = middle
  }
  return { line: chunk.line - 1 + first, ...(await columnOf(database, load, first)) }
}

/** The line of the chunk at which a COPY has failed, and into which table it went. */
function refusedLine(error: unknown): { readonly by: string; readonly line: number } | undefined {
  if (!(error instanceof OpsError)) return undefined
  const [, by, line] = COPY_LINE.exec((error.cause as { where?: string } | undefined)?.where ?? '') ?? []
  return by === undefined ? undefined : { by, line: Number(line) }
}

/** The column that alone cannot be read from a line; none where the line as a whole is the trouble. */
async function columnOf(database: Database, load: LoadTable, number: number): Promise<{ column?: string }> {
  const unreadable: string[] = []
  for (const column of load.columns) {
    const alone = { ...load, columns: [column] }
    await database.script('SAVEPOINT drizzle_ops_column')
    try {
      await database.script(
        `DROP TABLE ${lineTypeOf(load)}; ${lineTypeSql(alone)}; SELECT count(ROW(${valuesOf(alone).join()})) FROM (${readSql(load, `${NUMBERED} WHERE number = ${number}`)}) AS read`,
      )
    } catch {
      unreadable.push(column.name)
    }
    await database.script('ROLLBACK TO drizzle_ops_column')
  }
  const [column] = unreadable
  return column !== undefined && unreadable.length < load.columns.length ? { column } : {}
}
