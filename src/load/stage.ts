import type { Archive, Chunk } from '../archive/read.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { COPY_LINES, incoming, lineType } from '../graph/codec.ts'
import { relationOf } from '../graph/graph.ts'
import { rejected } from './rejected.ts'
import { bare, LINE, type LoadTable, lineTypeOf, stageOf } from './tables.ts'

/** The lines of a chunk before they become values. As json, so that the server reads each only once more. */
export const RAW = 'pg_temp.drizzle_ops_raw'

/** The tables that rows are staged in; they go with the transaction. */
export async function makeStages(database: Database, tables: readonly LoadTable[]): Promise<void> {
  const statements = tables.flatMap(load => [
    `CREATE TEMPORARY TABLE ${bare(stageOf(load))} ON COMMIT DROP AS SELECT 0::bigint AS ${LINE}${load.columns.map(({ name }) => `, ${quoted(name)}`).join('')} FROM ${relationOf(load.table)} WITH NO DATA`,
    lineTypeSql(load),
  ])
  await database.script(
    [`CREATE TEMPORARY TABLE drizzle_ops_raw (line json) ON COMMIT DROP`, ...statements].join('; '),
  )
}

/** The type under which lines are read. Generated columns of the target are values like others to it. */
export function lineTypeSql(load: LoadTable): string {
  const columns = load.columns.map(
    ({ name, type, encoding }) => `${quoted(name)} ${lineType(type, encoding)}`,
  )
  return `CREATE TEMPORARY TABLE ${bare(lineTypeOf(load))} (${columns.join(', ')}) ON COMMIT DROP`
}

/** SQL for the values of a line that has been read: of the composite `line`. */
export function valuesOf({ columns }: LoadTable): string[] {
  return columns.map(({ name, type, encoding }) => incoming(type, encoding, `(line).${quoted(name)}`))
}

/** SQL of a query for lines by number, as rows: a function of a FROM would have each stored first (250,000: 0.2 s). */
export function readSql(load: LoadTable, lines: string): string {
  return `SELECT row_number() OVER () AS number, json_populate_record(NULL::${lineTypeOf(load)}, line) AS line FROM ${lines}`
}

export interface StageProgress {
  /** Told after each chunk. */
  staged(load: LoadTable, rows: number): void
}

/**
 * Brings the whole archive into its stages, each chunk once it is proven, and the archive's end. Returns how many
 * rows there are of each. Throws OpsError `archive-damaged` or `value-rejected`, exit 2, naming the line.
 */
export async function stageRows(
  database: Database,
  archive: Archive,
  tables: readonly LoadTable[],
  { staged }: StageProgress,
): Promise<ReadonlyMap<LoadTable, number>> {
  const rows = new Map(tables.map(load => [load, 0]))
  for await (const chunk of ahead(archive.chunks())) {
    const load = tables.find(({ name }) => name === chunk.t)
    if (!load) throw new Error(`A chunk of ${chunk.t} passed the manifest.`)
    await stageChunk(database, archive, load, chunk)
    rows.set(load, (rows.get(load) ?? 0) + chunk.rows)
    staged(load, chunk.rows)
  }
  return rows
}

/** Reads and proves the next chunk while the server is at work on the last. */
async function* ahead(chunks: AsyncGenerator<Chunk>): AsyncGenerator<Chunk> {
  let next = chunks.next()
  try {
    for (let found = await next; !found.done; found = await next) {
      next = chunks.next()
      // told when its turn comes
      next.catch(() => {})
      yield found.value
    }
  } finally {
    await next.catch(() => {})
    await chunks.return(undefined)
  }
}

async function stageChunk(
  database: Database,
  archive: Archive,
  load: LoadTable,
  chunk: Chunk,
): Promise<void> {
  try {
    const copied = await copyLines(database, chunk.lines)
    if (copied !== chunk.rows)
      throw new OpsError({
        code: 'archive-damaged',
        message: `${archive.file} has a chunk ${chunk.seq} whose lines hold control characters (line ${chunk.line}).`,
        hint: 'Only drizzle-ops export writes archives: make it anew.',
        exit: 2,
      })
    const values = valuesOf(load).map(value => `, ${value}`)
    await database.script(
      `INSERT INTO ${stageOf(load)} SELECT ${chunk.line - 1} + number${values.join('')} FROM (${readSql(load, RAW)}) AS read; TRUNCATE ${RAW}`,
    )
  } catch (error) {
    throw await rejected(database, archive, load, chunk, error)
  }
}

/** Returns the number of lines that the server has seen. */
export async function copyLines(database: Database, lines: Buffer): Promise<number> {
  return database.copyIn(
    `COPY ${RAW} FROM STDIN WITH ${COPY_LINES}`,
    (async function* () {
      yield lines
    })(),
  )
}
