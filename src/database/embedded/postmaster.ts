import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { hasArgument } from './process.ts'

/** What `postmaster.pid` says: https://www.postgresql.org/docs/current/storage-file-layout.html */
export interface Postmaster {
  readonly pid: number
  readonly dataDirectory: string
  /** Undefined until the server listens. */
  readonly port: number | undefined
  /** `starting`, `ready` or `stopping`; empty at first. */
  readonly status: string
}

/** Reads the lines of `postmaster.pid`: 1 process id, 2 data directory, 4 port, 8 status. */
export function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split('\n').map(line => line.trim())
  const pid = Number(lines[0])
  if (!(pid > 0)) return undefined
  return { pid, dataDirectory: lines[1] ?? '', port: Number(lines[3]) || undefined, status: lines[7] ?? '' }
}

/** The lock file of a data directory as it stands, which a killed server leaves behind. */
export async function readPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  try {
    return parsePostmaster(await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The server that runs on a data directory, in whatever status. Not that of the folder it was copied from. */
export async function findPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(dataDirectory)
  if (found === undefined || resolve(found.dataDirectory) !== dataDirectory) return undefined
  return (await hasArgument(found.pid, dataDirectory)) ? found : undefined
}
