import { Readable } from 'node:stream'
import { type ArchivedTable, FORMAT, lineName, type Manifest } from '../../src/archive/manifest.ts'
import { type Archive, type Chunk, withArchive } from '../../src/archive/read.ts'
import { beginArchive } from '../../src/archive/write.ts'
import { linePrefix } from '../../src/graph/codec.ts'
import { contextWith } from '../support/context.ts'

export const MAX_SIZE = 1 << 30

export function manifestWith(tables: readonly Partial<ArchivedTable>[], changes: object = {}): Manifest {
  return {
    archive: FORMAT,
    createdAt: '2026-01-01T00:00:00.000Z',
    root: { table: 'public.projects', key: '1' },
    source: { serverVersion: '18.4', snapshot: '1:1:', lastMigration: null, schemaFingerprint: 'f' },
    tables: tables.map(table => ({
      table: 'public.projects',
      columns: [{ name: 'id', type: 'integer', encoding: 'json' }],
      primaryKey: ['id'],
      redacted: [],
      ...table,
    })),
    ...changes,
  }
}

/** Lines of one table, as JSON. */
export type Lines = readonly [table: ArchivedTable, rows: readonly string[]]

/** An archive of these lines, in memory. */
export async function archiveOf(manifest: Manifest, lines: readonly Lines[]): Promise<Buffer> {
  const pieces: Buffer[] = []
  const writer = await beginArchive(async bytes => void pieces.push(bytes), manifest)
  for (const [table, rows] of lines) {
    const name = lineName(table)
    const text = rows.map(row => `${linePrefix(name)}${row}}\n`).join('')
    await writer.add(name, Buffer.from(text))
  }
  await writer.end()
  return Buffer.concat(pieces)
}

/** Reads an archive from memory as if from standard input, which gives pieces of `size` bytes. */
export async function readAll(
  bytes: Buffer,
  { maxSize = MAX_SIZE, size = bytes.length } = {},
): Promise<{ archive: Archive; chunks: Chunk[] }> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
  const context = { ...contextWith({}), input: () => Readable.from(pieces) }
  return withArchive(context, '-', { maxSize }, async archive => {
    const chunks: Chunk[] = []
    for await (const chunk of archive.chunks()) chunks.push({ ...chunk, lines: Buffer.from(chunk.lines) })
    return { archive, chunks }
  })
}
