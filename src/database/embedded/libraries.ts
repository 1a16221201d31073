import { chmod, constants, copyFile, lstat, readdir, readFile, readlink, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { BinaryPackage } from './binaries.ts'
import { give, makeDirectory } from './files.ts'
import type { ServerUser } from './user.ts'

/** A link of `pg-symlinks.json`, both ends relative to the package. */
interface LibraryLink {
  readonly source: string
  readonly target: string
}

/** Whether the package's install script ran, which makes the links that npm's archives cannot hold. */
export async function hasLibraryLinks({ directory }: BinaryPackage): Promise<boolean> {
  const targets = (await readLinks(directory)).map(link => join(directory, link.target))
  return (await Promise.all(targets.map(isThere))).every(Boolean)
}

/**
 * Fills a folder for LD_LIBRARY_PATH. It holds every library, not only the missing names, because the loader
 * looks for a library's own needs beside the link that it was found by, not beside the file.
 */
export async function linkLibraries(
  { directory }: BinaryPackage,
  into: string,
  user: ServerUser | undefined,
): Promise<void> {
  const folder = join(directory, 'native', 'lib')
  const links = new Map((await readdir(folder)).map(name => [name, join(folder, name)]))
  for (const { source, target } of await readLinks(directory))
    links.set(basename(target), join(directory, source))
  await makeDirectory(into, 0o700)
  await Promise.all([...links].map(([name, file]) => symlink(file, join(into, name))))
  await give(into, user)
}

/** Copies the binaries for every user to read, and makes their links. File systems that share blocks do. */
export async function copyBinaries({ directory }: BinaryPackage, into: string): Promise<void> {
  await makeDirectory(into, 0o755)
  await copyFolder(join(directory, 'native'), join(into, 'native'))
  for (const { source, target } of await readLinks(directory)) {
    const path = join(into, target)
    if (!(await isThere(path))) await symlink(relative(dirname(path), join(into, source)), path)
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await makeDirectory(to, 0o755)
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map(async entry => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) return copyFolder(source, target)
      if (entry.isSymbolicLink()) return symlink(await readlink(source), target)
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      await chmod(target, (await lstat(source)).mode & 0o100 ? 0o755 : 0o644)
    }),
  )
}

async function readLinks(directory: string): Promise<LibraryLink[]> {
  const text = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  return JSON.parse(text) as LibraryLink[]
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
