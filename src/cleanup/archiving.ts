import { placeOf, withRowArchive } from './archive-file.ts'
import { archivedBytes, NOWHERE, saveRun } from './runs.ts'
import { sweep } from './sweep.ts'
import type { StoppedBy, Work } from './work.ts'

/** The file that all policies of a command write to. */
export interface ArchiveChoice {
  readonly file: string
  /** Bytes that this command has written so far; undefined before its first policy. */
  written?: number
}

/** Sweeps, and keeps the rows where that is asked for: the file is in the run before the first row is in the file. */
export async function sweepArchiving(
  work: Work,
  archive: ArchiveChoice | undefined,
): Promise<StoppedBy | null> {
  if (!archive) return sweep(work)
  const { database, runs, run } = work
  const before = run.place?.archive?.file === archive.file
  const known = runs && before ? await archivedBytes(database, runs, archive.file) : 0
  const keep = before || archive.written !== undefined ? Math.max(known, archive.written ?? 0) : undefined
  return withRowArchive(archive.file, keep, async file => {
    const begun = { ...run, place: { ...(run.place ?? NOWHERE), archive: placeOf(file) } }
    if (runs) await saveRun(database, runs, begun)
    try {
      return await sweep({ ...work, run: begun, archive: file })
    } finally {
      archive.written = file.bytes()
    }
  })
}
