import { type FileHandle, open, truncate } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { OpsError } from '../errors.ts'

const compress = promisify(gzip)

/** Where deleted rows are kept. A batch is on the disk before its deletion is committed. */
export interface RowArchive {
  readonly file: string
  /** Bytes so far. */
  bytes(): number
  /** Lines of JSON; written through to the disk when it returns. */
  append(lines: string): Promise<void>
}

/**
 * Opens the archive, and closes it whatever happens. A new file unless `keep` says how many bytes of an earlier run
 * belong to committed batches: what lies behind them was written by a batch that did not commit, and is cut off.
 * Throws OpsError `file-exists`, exit 2.
 */
export async function withRowArchive<T>(
  file: string,
  keep: number | undefined,
  work: (archive: RowArchive) => Promise<T>,
): Promise<T> {
  if (keep !== undefined) await truncate(file, keep)
  const handle = await open(file, keep === undefined ? 'wx' : 'a', 0o600).catch(error => {
    throw error.code === 'EEXIST' ? exists(file) : error
  })
  try {
    return await work(archiveOn(handle, file, keep ?? 0))
  } finally {
    await handle.close()
  }
}

function archiveOn(handle: FileHandle, file: string, start: number): RowArchive {
  let written = start
  return {
    file,
    bytes: () => written,
    append: async lines => {
      const text = Buffer.from(`${lines}\n`)
      // each batch is a member of its own, so that a file cut off behind any of them is whole
      const bytes = file.endsWith('.gz') ? await compress(text) : text
      await handle.appendFile(bytes)
      await handle.datasync()
      written += bytes.length
    },
  }
}

function exists(file: string): OpsError {
  return new OpsError({
    code: 'file-exists',
    message: `${file} exists already, and is not the archive of a run that was stopped.`,
    hint: 'Name another file with --archive, or move this one away.',
    exit: 2,
  })
}
