import type { Archive, Chunk } from '../archive/read.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { COPY_LINES, incoming, lineType } from '../graph/codec.ts'
import { relationOf } from '../graph/graph.ts'
import { copyTextOf, roomInTurn } from './copy-text.ts'
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
  for await (const piece of ahead(piecesOf(archive, tables))) {
    const { load, chunk } = piece
    await stagePiece(database, archive, piece)
    rows.set(load, (rows.get(load) ?? 0) + chunk.rows)
    staged(load, chunk.rows)
  }
  return rows
}

/** A chunk, whose rows it holds, and as COPY takes them where it does. */
interface Piece {
  readonly chunk: Chunk
  readonly load: LoadTable
  readonly text: Buffer | undefined
}

async function* piecesOf(archive: Archive, tables: readonly LoadTable[]): AsyncGenerator<Piece> {
  const room = roomInTurn()
  const targets = new Map(tables.map(load => [load.name, { load, copyText: copyTextOf(load) }]))
  for await (const chunk of archive.chunks()) {
    const target = targets.get(chunk.t)
    if (!target) throw new Error(`A chunk of ${chunk.t} passed the manifest.`)
    yield { chunk, load: target.load, text: target.copyText(chunk, room) }
  }
}

/** Reads and proves the next piece while the server is at work on the last. */
async function* ahead(chunks: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
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

async function stagePiece(database: Database, archive: Archive, { chunk, load, text }: Piece): Promise<void> {
  try {
    if (text) await database.copyIn(`COPY ${stageOf(load)} (${copied(load)}) FROM STDIN`, once(text))
    else await stageLines(database, archive, load, chunk)
  } catch (error) {
    throw await rejected(database, archive, load, chunk, error)
  }
}

/** The columns in the order of the archive's. */
function copied({ archived, columns }: LoadTable): string {
  const names = archived.columns.map(({ name }) => name)
  const taken = names.filter(name => columns.some(column => column.name === name))
  return [LINE, ...taken.map(name => quoted(name))].join(', ')
}

/** Has the server read the lines. */
async function stageLines(
  database: Database,
  archive: Archive,
  load: LoadTable,
  chunk: Chunk,
): Promise<void> {
  if ((await copyLines(database, chunk.lines)) !== chunk.rows)
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
}

/** Returns the number of lines that the server has seen. */
export async function copyLines(database: Database, lines: Buffer): Promise<number> {
  return database.copyIn(`COPY ${RAW} FROM STDIN WITH ${COPY_LINES}`, once(lines))
}

async function* once(piece: Buffer): AsyncGenerator<Buffer> {
  yield piece
}
