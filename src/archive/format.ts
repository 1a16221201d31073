/** A chunk ends with the row that fills it. */
export const CHUNK_BYTES = 1 << 20
/** PostgreSQL makes no row of more; a chunk has at most one beyond {@link CHUNK_BYTES}. */
export const LONGEST_CHUNK = CHUNK_BYTES + (1 << 30)
/** The first line and the last one grow with the number of tables; 16 MiB are enough for 100,000. */
export const LONGEST_LINE = 1 << 24

/** What goes before the rows of a chunk. */
export interface ChunkHeader {
  /** Of the lines that follow: see `lineName`. */
  readonly t: string
  /** Counts all chunks of the archive from 1. */
  readonly seq: number
  readonly rows: number
  readonly bytes: number
  /** Of these bytes. */
  readonly sha256: string
}

/** What the last line tells. */
export interface Ending {
  /** By table; 0 where there are none. */
  readonly rows: Readonly<Record<string, number>>
  readonly chunks: number
  /** Of all bytes from the first chunk's line up to this line. */
  readonly sha256: string
}

export function chunkLine({ t, seq, rows, bytes, sha256 }: ChunkHeader): string {
  return `${JSON.stringify({ chunk: { t, seq, rows, bytes, sha256 } })}\n`
}

export function endLine({ rows, chunks, sha256 }: Ending): string {
  return `${JSON.stringify({ end: { rows, chunks, sha256 } })}\n`
}

const NEWLINE = 10

/** How many lines end in a piece. */
export function countLines(piece: Buffer): number {
  let count = 0
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
