import { randomBytes } from 'node:crypto'
import { chmod, chown, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { exists as processExists } from './process.ts'
import type { ServerUser } from './user.ts'

/** What it shall become, whose it is, and eight digits by chance: `data.4711.0123abcd`. */
const temporaryPattern = /^(.+)\.(\d+)\.[0-9a-f]{8}$/

/** Whether a path exists, as far as this process can see. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Makes a folder with exactly this mode, whatever the umask is; one that is there gets the mode. */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode }).catch(error => {
    if (error.code !== 'EEXIST') throw error
  })
  await chmod(path, mode)
}

/** Gives a file or folder to the user of the server; nothing where that is the user of this process. */
export async function give(path: string, user: ServerUser | undefined): Promise<void> {
  if (user) await chown(path, user.uid, user.gid)
}

/** Writes a file that only its owner may read (0600), complete or not at all. */
export async function writePrivately(
  path: string,
  text: string,
  user: ServerUser | undefined,
): Promise<void> {
  const temporary = await writeBeside(path, text, user)
  await rename(temporary, path)
}

/** The same, but a file that is already there stays as it is. */
export async function createPrivately(
  path: string,
  text: string,
  user: ServerUser | undefined,
): Promise<void> {
  if (await exists(path)) return
  const temporary = await writeBeside(path, text, user)
  // link() fails where the file has come into being, which rename() would replace.
  await link(temporary, path).catch(async error => {
    if (!(await exists(path))) throw error
  })
  await rm(temporary, { force: true })
}

/**
 * Makes a folder complete or not at all: `fill` makes it under another name beside it, which is then renamed.
 * Of two commands at once the first wins; the other's work is thrown away.
 */
export async function makeFolder(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  if (await exists(path)) return
  await removeLeftovers(path)
  const temporary = temporaryName(path)
  try {
    await fill(temporary)
    await rename(temporary, path)
  } catch (error) {
    if (!(await exists(path))) throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Removes a folder that may be missing: out of the way at once, while the deleting takes its time. */
export async function removeFolder(path: string): Promise<void> {
  if (!(await exists(path))) return
  const removed = temporaryName(path)
  await rename(path, removed)
  await rm(removed, { recursive: true, force: true })
}

/**
 * What killed commands left: 40 MB for a cluster, 60 MB for the binaries. The name says whose it was.
 * A killed command's initdb may go on writing for a moment, hence the retries, and failing is no harm.
 */
async function removeLeftovers(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    const [, of, pid] = temporaryPattern.exec(name) ?? []
    if (of !== basename(path) || processExists(Number(pid))) continue
    const leftover = join(dirname(path), name)
    await rm(leftover, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined)
  }
}

/** The inverse of `temporaryPattern`. */
function temporaryName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
}

/** 'wx' follows no link that the owner of the folder may have put there for root to fall into. */
async function writeBeside(path: string, text: string, user: ServerUser | undefined): Promise<string> {
  const temporary = temporaryName(path)
  const file = await open(temporary, 'wx', 0o600)
  try {
    if (user) await file.chown(user.uid, user.gid)
    await file.writeFile(text)
  } finally {
    await file.close()
  }
  return temporary
}
