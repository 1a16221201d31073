import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Compression, compressor } from '../archive/compression.ts'
import type { Sink } from '../archive/write.ts'
import { OpsError } from '../errors.ts'
import { isOfFiles, whyUnwritable } from '../file-errors.ts'

/** Owner only: an archive is a copy of the database. */
const MODE = 0o600

/** What was written, as the file holds it. */
export interface Written {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Makes a file of what `work` writes. It has another name until it is complete, so that whatever goes wrong leaves
 * nothing under this one, or what was there before.
 * Throws OpsError `file-unwritable`, exit 2 before `work` has begun, else 1.
 */
export async function withArchiveFile<T>(
  file: string,
  compression: Compression,
  work: (sink: Sink) => Promise<T>,
): Promise<readonly [T, Written]> {
  const passing = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.part`)
  const handle = await open(passing, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, MODE).catch(
    cause => {
      throw unwritable(file, cause, 2)
    },
  )
  try {
    const stream = new Writable({
      highWaterMark: 1 << 20,
      write: (chunk: Buffer, _, done) => handle.writeFile(chunk).then(() => done(), done),
    })
    const { scales, weighed } = weigh()
    const flowing = pipeline(scales, stream)
    const result = await withStream(scales, compression, flowing, work).catch(error => {
      throw isOfFiles(error) ? unwritable(file, error, 1) : error
    })
    await handle.sync()
    await handle.close()
    await rename(passing, file)
    return [result, weighed()]
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(passing, { force: true })
    throw error
  }
}

function weigh(): { readonly scales: Transform; weighed(): Written } {
  const hash = createHash('sha256')
  let bytes = 0
  const scales = new Transform({
    readableHighWaterMark: 1 << 20,
    writableHighWaterMark: 1 << 20,
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { scales, weighed: () => ({ bytes, sha256: hash.digest('hex') }) }
}

/**
 * Gives `work` a stream to write to, packed on the way. Waits until all is written, which `flowing` tells; where the
 * stream fails, so does `work`.
 */
export async function withStream<T>(
  stream: Writable,
  compression: Compression,
  flowing: Promise<unknown>,
  work: (sink: Sink) => Promise<T>,
): Promise<T> {
  const packer = compression === 'none' ? undefined : compressor(compression)
  const entrance = packer ?? stream
  const failed = new AbortController()
  const packing = packer ? pipeline(packer, stream) : Promise.resolve()
  for (const each of [packing, flowing]) each.catch(error => failed.abort(error))
  try {
    const result = await work(bytes => written(entrance, bytes, failed.signal))
    entrance.end()
    await packing
    await flowing
    return result
  } catch (error) {
    // the stream's own failure is what made the work fail
    const reason = failed.signal.aborted ? failed.signal.reason : error
    entrance.destroy()
    throw reason
  }
}

/** Resolves when the stream wants more. */
async function written(stream: Writable, bytes: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (stream.write(bytes)) return
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      stream.off('drain', settle)
      signal.removeEventListener('abort', settle)
      if (signal.aborted) reject(signal.reason)
      else resolve()
    }
    stream.once('drain', settle)
    signal.addEventListener('abort', settle)
  })
}

function unwritable(file: string, cause: NodeJS.ErrnoException, exit: 1 | 2): OpsError {
  return new OpsError({
    code: 'file-unwritable',
    message: `${file} cannot be written: ${whyUnwritable(cause)}. Nothing is left of it.`,
    hint: 'Choose another place with -o <file>.',
    exit,
    cause,
  })
}
