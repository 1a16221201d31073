import { type ArchivePlace, damaged } from './damage.ts'
import { type ChunkHeader, chunkLine, LONGEST_CHUNK } from './format.ts'

/**
 * What a line says of the chunk that follows it; undefined where it speaks of the end. It is believed only as far as
 * the writer would have written it so, before any memory is taken.
 * Throws OpsError `archive-damaged`.
 */
export function readChunkHeader(
  line: Buffer,
  place: ArchivePlace,
  seq: number,
  tables: Readonly<Record<string, number>>,
): ChunkHeader | undefined {
  const found = parsed(line, place)
  if ('end' in found) return undefined
  const header = found.chunk as Partial<ChunkHeader> | undefined
  if (typeof header !== 'object' || header === null) throw damaged(place, 'has a line that begins no chunk')
  const { t, rows, bytes, sha256 } = header
  if (typeof t !== 'string' || !Object.hasOwn(tables, t))
    throw damaged(place, 'has a chunk of a table that its first line does not name')
  if (header.seq !== seq) throw damaged(place, `has chunk ${header.seq} where chunk ${seq} belongs`)
  const plausible =
    isCount(rows) && isCount(bytes) && rows <= bytes && bytes <= LONGEST_CHUNK && typeof sha256 === 'string'
  if (!plausible || line.toString() !== chunkLine({ t, seq, rows, bytes, sha256 }))
    throw damaged(place, `has a chunk ${seq} whose first line is not as it was written`)
  return { t, seq, rows, bytes, sha256 }
}

function parsed(line: Buffer, place: ArchivePlace): { readonly chunk?: unknown; readonly end?: unknown } {
  try {
    const found: unknown = JSON.parse(line.toString())
    if (typeof found === 'object' && found !== null) return found
  } catch {
    // told below
  }
  throw damaged(place, 'has a line that is not JSON where a chunk should begin')
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
