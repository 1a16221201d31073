import { createHash } from 'node:crypto'
import type { Context } from '../command.ts'
import { linePrefix } from '../graph/codec.ts'
import { readChunkHeader } from './chunk-header.ts'
import { damaged } from './damage.ts'
import { type ChunkHeader, countLines, endLine, LONGEST_LINE } from './format.ts'
import { archiveBytes, nameOf, sizeOf } from './input.ts'
import { lineName, type Manifest } from './manifest.ts'
import { readManifest } from './read-manifest.ts'
import { type Scanner, scanner } from './scan.ts'

/** Rows of one table, just as many as they claim to be and with the hash that they claim to have. */
export interface Chunk extends ChunkHeader {
  /** The line of the file in which the first row stands. */
  readonly line: number
  /** The rows alone, a line each: the `r` of the archive's lines. Good until the chunk after the next is asked for. */
  readonly lines: Buffer
}

export interface Archive {
  /** The file's name, or `standard input`. */
  readonly file: string
  readonly manifest: Manifest
  /** The `t` of the lines of each table. */
  readonly names: readonly string[]
  /**
   * The chunks in their order. Only when it has come to its end is the archive known to be whole: until then nothing
   * that was read may count. Throws OpsError `archive-damaged`, exit 2, naming the line.
   */
  chunks(): AsyncGenerator<Chunk>
  /** How much of the file has been read, from 0 to 1; undefined where its size is not known. */
  share(): number | undefined
}

export interface ReadOptions {
  /** How many bytes a compressed archive may unpack to. */
  readonly maxSize: number
}

const NEWLINE = 10
const OPEN = '{'.charCodeAt(0)
const CLOSE = '}'.charCodeAt(0)

/** Opens an archive, reads its first line, and closes it after `work`; `-` is standard input. */
export async function withArchive<T>(
  context: Context,
  path: string,
  { maxSize }: ReadOptions,
  work: (archive: Archive) => Promise<T>,
): Promise<T> {
  const file = nameOf(path)
  const size = await sizeOf(path)
  let read = 0
  const bytes = archiveBytes(context, path, maxSize, count => {
    read += count
  })
  try {
    const scan = scanner(bytes, file)
    const manifest = readManifest(await scan.line(LONGEST_LINE), file)
    return await work({
      file,
      manifest,
      names: manifest.tables.map(lineName),
      chunks: () => chunksOf(scan, manifest),
      share: () => (size ? read / size : undefined),
    })
  } finally {
    await bytes.return(undefined)
  }
}

async function* chunksOf(scan: Scanner, manifest: Manifest): AsyncGenerator<Chunk> {
  const everything = createHash('sha256')
  const rows = Object.fromEntries(manifest.tables.map(table => [lineName(table), 0]))
  for (let seq = 1; ; seq += 1) {
    const place = scan.place()
    const line = await scan.line(LONGEST_LINE)
    if (!line) throw damaged(place, 'has no last line: it has been cut short')
    const header = readChunkHeader(line, place, seq, rows)
    if (!header) {
      const expected = endLine({ rows, chunks: seq - 1, sha256: everything.digest('hex') })
      if (line.toString() !== expected)
        throw damaged(place, `ends with a line that does not fit the ${seq - 1} chunks before it`)
      const after = scan.place()
      if (await scan.line(LONGEST_LINE)) throw damaged(after, 'goes on after its last line')
      return
    }
    const first = scan.place()
    const bytes = await scan.take(header.bytes)
    everything.update(line).update(bytes)
    check(header, bytes, first)
    scan.passed(header.rows)
    rows[header.t] = (rows[header.t] ?? 0) + header.rows
    yield { ...header, line: first.line, lines: rowsOnly(header, bytes, first) }
  }
}

function check(
  { seq, sha256, rows }: ChunkHeader,
  bytes: Buffer,
  place: Required<{ file: string; line: number }>,
): void {
  const what = `has a chunk ${seq} that`
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw damaged(place, `${what} does not match its hash`)
  if (bytes.at(-1) !== NEWLINE || countLines(bytes) !== rows)
    throw damaged(place, `${what} has not the ${rows} rows it claims`)
}

/** Takes `{"t":"public.users","r":` and `}` off each line, within the same memory: a row may have a gigabyte. */
function rowsOnly(
  { t, seq }: ChunkHeader,
  bytes: Buffer,
  { file, line }: { file: string; line: number },
): Buffer {
  const prefix = Buffer.from(linePrefix(t))
  let filled = 0
  let number = line
  for (let start = 0; start < bytes.length; number += 1) {
    const end = bytes.indexOf(NEWLINE, start)
    const row = start + prefix.length
    const isRow =
      end - 1 > row &&
      prefix.compare(bytes, start, row) === 0 &&
      bytes[row] === OPEN &&
      bytes[end - 2] === CLOSE &&
      bytes[end - 1] === CLOSE
    if (!isRow) throw damaged({ file, line: number }, `has a line in chunk ${seq} that is no row of ${t}`)
    bytes.copyWithin(filled, row, end - 1)
    filled += end - row
    bytes[filled - 1] = NEWLINE
    start = end + 1
  }
  return bytes.subarray(0, filled)
}
