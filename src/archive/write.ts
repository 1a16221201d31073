import { createHash } from 'node:crypto'
import { CHUNK_BYTES, chunkLine, countLines, endLine } from './format.ts'
import { lineName, type Manifest, manifestLine } from './manifest.ts'

/** Takes bytes in their order; resolves when it wants more. */
export type Sink = (bytes: Buffer) => Promise<void>

export interface ArchiveWriter {
  /** Adds lines of one table, by its `lineName`: a piece may begin and end within a line, what comes for a table as a whole may not. */
  add(name: string, piece: Buffer): Promise<void>
  /** Writes the last line, without which the archive is worth nothing. Returns the rows by table. */
  end(): Promise<Readonly<Record<string, number>>>
}

/** The rows of a chunk that is being filled. */
interface Filling {
  readonly name: string
  readonly pieces: Buffer[]
  bytes: number
}

const NEWLINE = 10

/**
 * Begins an archive with its first line. Holds one chunk at a time: 1 MiB, or the row that is longer. Where chunks
 * end follows from the rows alone, so that the same rows make the same bytes.
 */
export async function beginArchive(sink: Sink, manifest: Manifest): Promise<ArchiveWriter> {
  const everything = createHash('sha256')
  const rows = Object.fromEntries(manifest.tables.map(table => [lineName(table), 0]))
  let filling: Filling | undefined
  let chunks = 0

  const write = async (bytes: Buffer) => {
    everything.update(bytes)
    await sink(bytes)
  }

  const flush = async () => {
    if (!filling) return
    const { name, pieces, bytes } = filling
    filling = undefined
    chunks += 1
    const hash = createHash('sha256')
    let count = 0
    for (const piece of pieces) {
      hash.update(piece)
      count += countLines(piece)
    }
    rows[name] = (rows[name] ?? 0) + count
    const header = { t: name, seq: chunks, rows: count, bytes, sha256: hash.digest('hex') }
    await write(Buffer.from(chunkLine(header)))
    for (const piece of pieces) await write(piece)
  }

  await sink(Buffer.from(manifestLine(manifest)))
  return {
    add: async (name, piece) => {
      if (filling?.name !== name) await flush()
      let rest = piece
      while (rest.length > 0) {
        filling ??= { name, pieces: [], bytes: 0 }
        const end = rest.indexOf(NEWLINE, Math.max(0, CHUNK_BYTES - 1 - filling.bytes)) + 1
        const taken = end === 0 ? rest : rest.subarray(0, end)
        filling.pieces.push(taken)
        filling.bytes += taken.length
        rest = rest.subarray(taken.length)
        if (end > 0) await flush()
      }
    },
    end: async () => {
      await flush()
      await sink(Buffer.from(endLine({ rows, chunks, sha256: everything.digest('hex') })))
      return rows
    },
  }
}
