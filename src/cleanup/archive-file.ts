import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { OpsError } from '../errors.ts'
import { whyUnwritable } from '../file-errors.ts'

const compress = promisify(gzip)

/** Where deleted rows are kept. A batch is on the disk before its deletion is committed. */
export interface RowArchive {
  readonly file: string
  /** Bytes so far. */
  bytes(): number
  /** Lines of JSON; written through to the disk when it returns. */
  append(lines: string): Promise<void>
  /** Takes back what a batch wrote that did not commit. */
  cutTo(bytes: number): Promise<void>
}

export function placeOf(archive: RowArchive): { readonly file: string; readonly bytes: number } {
  return { file: archive.file, bytes: archive.bytes() }
}

/**
 * Opens the archive, and closes it whatever happens. A new file, or an empty one, unless `keep` says how many bytes
 * belong to committed batches: what lies behind them was written by a batch that did not commit, and is cut off.
 * Throws OpsError: `file-exists`, exit 2; `file-unwritable`, exit 2 before `work` has begun, else 1.
 */
export async function withRowArchive<T>(
  file: string,
  keep: number | undefined,
  work: (archive: RowArchive) => Promise<T>,
): Promise<T> {
  const size = await sizeOf(file)
  // an earlier run's may have been moved away meanwhile
  const from = size > 0 ? keep : 0
  if (from === undefined || from > size) throw exists(file)
  const handle = await open(file, 'a', 0o600).catch(cause => {
    throw unwritable(file, cause, 2)
  })
  try {
    await begin(handle, file, from).catch(cause => {
      throw unwritable(file, cause, 2)
    })
    return await work(archiveOn(handle, file, from))
  } finally {
    await handle.close()
  }
}

async function begin(handle: FileHandle, file: string, from: number): Promise<void> {
  await handle.truncate(from)
  await syncFolder(dirname(file))
}

function archiveOn(handle: FileHandle, file: string, start: number): RowArchive {
  let written = start
  const failed = (cause: NodeJS.ErrnoException) => {
    throw unwritable(file, cause, 1)
  }
  return {
    file,
    bytes: () => written,
    append: async lines => {
      const text = Buffer.from(`${lines}\n`)
      // each batch is a member of its own, so that a file cut off behind any of them is whole
      const bytes = file.endsWith('.gz') ? await compress(text) : text
      await handle
        .appendFile(bytes)
        .then(() => handle.datasync())
        .catch(failed)
      written += bytes.length
    },
    cutTo: async bytes => {
      await handle.truncate(bytes).catch(failed)
      written = bytes
    },
  }
}

/** 0 where there is none. */
async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined)
  return found?.size ?? 0
}

/** A new file's name is on the disk only with its folder; Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

function exists(file: string): OpsError {
  return new OpsError({
    code: 'file-exists',
    message: `${file} exists already, and is not the archive of a run that was stopped.`,
    hint: 'Name another file with --archive, or move this one away.',
    exit: 2,
  })
}

function unwritable(file: string, cause: NodeJS.ErrnoException, exit: 1 | 2): OpsError {
  return new OpsError({
    code: 'file-unwritable',
    message: `${file} cannot be written: ${whyUnwritable(cause)}. What it does not hold has not been deleted.`,
    hint:
      exit === 2
        ? 'Choose another place with --archive <file>.'
        : 'Make room and run the same command again: it goes on from there.',
    exit,
    cause,
  })
}
