import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { finished as ended, pipeline } from 'node:stream/promises'
import type { Context } from '../command.ts'
import { unlessAborted } from '../database/socket.ts'
import { OpsError } from '../errors.ts'
import { type Compression, compressor } from './compression.ts'
import type { Sink } from './write.ts'

/** What a file has become. */
export interface Written {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Writes a file through `work`, for its owner's eyes only. It gets its name when it is whole and on the disk, and
 * until then it has another beside it, which goes where anything fails.
 * Throws OpsError `file-unwritable`, exit 2.
 */
export async function withOutputFile<T>(
  context: Context,
  file: string,
  compression: Compression,
  work: (sink: Sink) => Promise<T>,
): Promise<T & Written> {
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`
  try {
    const handle = await open(partial, 'wx', 0o600)
    try {
      const hash = createHash('sha256')
      let bytes = 0
      const target = new Writable({
        write: (chunk: Buffer, _, done) => {
          hash.update(chunk)
          bytes += chunk.length
          handle.writeFile(chunk).then(() => done(), done)
        },
      })
      const result = await withSink(context, target, compression, work)
      await handle.sync()
      await handle.close()
      await rename(partial, file)
      return { ...result, bytes, sha256: hash.digest('hex') }
    } finally {
      await closed(handle)
    }
  } catch (error) {
    await rm(partial, { force: true })
    throw unwritable(error, file)
  }
}

/** The same for standard output. Throws OpsError `output-closed` where nobody reads it to the end. */
export async function withOutputStream<T>(
  context: Context,
  compression: Compression,
  work: (sink: Sink) => Promise<T>,
): Promise<T> {
  try {
    return await withSink(context, context.output(), compression, work)
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code !== 'EPIPE') throw error
    throw new OpsError({
      code: 'output-closed',
      message: 'Whoever reads the archive went away before its end.',
      hint: 'Write it to a file with -o, and look into that.',
      cause: error,
    })
  }
}

/** Gives `work` a sink that leads to the stream, and waits until all of it has arrived there. */
async function withSink<T>(
  context: Context,
  target: Writable,
  compression: Compression,
  work: (sink: Sink) => Promise<T>,
): Promise<T> {
  const packer = compression === 'none' ? undefined : compressor(compression)
  const stream = packer ?? target
  const failed = new AbortController()
  const finished = (packer ? pipeline(packer, target) : ended(target)).catch(error => {
    failed.abort(error)
    throw error
  })
  // where it fails before the end, the sink tells
  finished.catch(() => {})
  const signal = AbortSignal.any([context.signal, failed.signal])
  try {
    const result = await work(async bytes => {
      signal.throwIfAborted()
      if (!stream.write(bytes)) await unlessAborted(once(stream, 'drain'), signal)
    })
    stream.end()
    await unlessAborted(finished, signal)
    return result
  } catch (error) {
    stream.destroy()
    throw failed.signal.aborted ? failed.signal.reason : error
  }
}

async function closed(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => {})
}

function unwritable(error: unknown, file: string): unknown {
  const { code = '', message, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (error instanceof OpsError || syscall === undefined || !code.startsWith('E')) return error
  return new OpsError({
    code: 'file-unwritable',
    message: `${file} cannot be written: ${message}.`,
    hint: 'Make room, or name a file where this user may write, with -o.',
    exit: 2,
    cause: error,
  })
}
