import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { bytes as inWords } from '../output/words.ts'
import { type Compression, decompressor, sniffed } from './compression.ts'
import { damaged } from './damage.ts'

/** Bytes that tell how a file is compressed. */
const MAGIC = 4

/** What errors call the archive. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path
}

/**
 * The bytes of an archive, unpacked if need be; `-` is standard input. A compressed one may not unpack to more than
 * `limit` bytes. `taken` is told how many of the file's bytes have been read. Throws OpsError, exit 2: `archive-unreadable`, `archive-damaged`, `archive-too-large`, `zstd-missing`.
 */
export async function* archiveBytes(
  context: Context,
  path: string,
  limit: number,
  taken: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer> {
  const stream = addAbortSignal(context.signal, path === '-' ? context.input() : createReadStream(path))
  try {
    yield* unpacked(stream, nameOf(path), limit, taken)
  } catch (error) {
    throw unreadable(error, path)
  } finally {
    stream.destroy()
  }
}

async function* unpacked(
  stream: Readable,
  file: string,
  limit: number,
  taken: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer | string> = stream[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  let ended = false
  const next = async () => {
    const { done, value } = await chunks.next()
    ended = done === true
    const piece = typeof value === 'string' ? Buffer.from(value) : (value ?? Buffer.alloc(0))
    taken(piece.length)
    return piece
  }
  while (head.length < MAGIC && !ended) head = Buffer.concat([head, await next()])
  const all = async function* () {
    yield head
    while (!ended) yield await next()
  }
  const compression = sniffed(head)
  if (compression === 'none') yield* all()
  else yield* decompressed(all(), compression, file, limit)
}

/** How many bytes a file has; undefined of what has no size before its end, such as standard input. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
  return found?.isFile() ? found.size : undefined
}

async function* decompressed(
  packed: AsyncIterable<Buffer>,
  compression: Exclude<Compression, 'none'>,
  file: string,
  limit: number,
): AsyncGenerator<Buffer> {
  const unpack = decompressor(compression)
  const fed = pipeline(packed, unpack)
  // what goes wrong in it comes out of `unpack`
  fed.catch(() => {})
  let size = 0
  for await (const piece of unpack as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > limit) throw tooLarge(file, limit)
    yield piece
  }
}

function unreadable(error: unknown, path: string): unknown {
  const { code = '', message } = (error ?? {}) as NodeJS.ErrnoException
  if (error instanceof OpsError) return error
  const file = nameOf(path)
  if (code.startsWith('Z_') || code.startsWith('ZSTD_'))
    return damaged({ file }, `cannot be unpacked: ${message}`)
  if (!code.startsWith('E') || code.startsWith('ERR_')) return error
  return new OpsError({
    code: 'archive-unreadable',
    message: code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`,
    hint: 'Name a file that drizzle-ops export has written, or - for standard input.',
    exit: 2,
    cause: error,
  })
}

function tooLarge(file: string, limit: number): OpsError {
  return new OpsError({
    code: 'archive-too-large',
    message: `${file} unpacks to more than ${inWords(limit)}, which may be meant to fill this machine.`,
    hint: 'If you trust it, allow more with --max-size 100GB.',
    exit: 2,
  })
}
