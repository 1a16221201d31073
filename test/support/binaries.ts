import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { serverProcess } from './account.ts'
import { copyFolder } from './folders.ts'
import { type PostgresMajor, platformPackage } from './runtimes.ts'

/** The folder with `bin`, `lib` and `share` of a PostgreSQL. */
export async function postgresBinaries(major: PostgresMajor): Promise<string> {
  const folder = await platformPackage(`pg${major}`)
  await linkLibraries(folder)
  return join(folder, 'native')
}

/** A checkout below a private folder such as /root is closed to the account that the server runs as. */
export function isReachable(native: string): boolean {
  const { error } = spawnSync(join(native, 'bin/postgres'), ['--version'], serverProcess('/'))
  if (!error) return true
  if ('code' in error && error.code === 'EACCES') return false
  throw error
}

export async function copyBinaries(native: string, root: string): Promise<string> {
  const copy = join(root, 'native')
  await copyFolder(native, copy)
  return copy
}

// The package's own install script would make these links; install scripts do not run here.
async function linkLibraries(folder: string) {
  const list = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, 'utf8'))
  for (const { source, target } of links) {
    const link = join(folder, target)
    // Another process may be linking at the same time.
    if (!existsSync(link)) await symlink(basename(source), link).catch(ignoreExisting)
  }
}

function ignoreExisting(error: NodeJS.ErrnoException) {
  if (error.code !== 'EEXIST') throw error
}
