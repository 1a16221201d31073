import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from './home.ts'

/** Beyond this many bytes the log starts anew with the next start of the server. */
const longest = 1_000_000

/** O_NOFOLLOW: the folder may belong to another user than root, who opens the file. */
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0)

/** What the server writes: `server.log` in its home. */
export function logFileOf(home: Home): string {
  return join(home.directory, 'server.log')
}

/** Opens the log for a new server, and says at which byte its part begins. */
export async function openLog(home: Home): Promise<{ file: FileHandle; start: number }> {
  const file = await open(logFileOf(home), flags, 0o600)
  if (home.user) await file.chown(home.user.uid, home.user.gid)
  const { size } = await file.stat()
  if (size <= longest) return { file, start: size }
  await file.truncate()
  return { file, start: 0 }
}

/** The log from a byte on; all of it by default. */
export async function readLog(home: Home, start = 0): Promise<string> {
  const bytes = await readFile(logFileOf(home)).catch(() => Buffer.alloc(0))
  return bytes.subarray(start).toString('utf8')
}

/** The last lines of a log, for an error. */
export function tailOf(log: string): string {
  return log.trim().split('\n').slice(-12).join('\n')
}
