import { createHash } from 'node:crypto'
import { platform } from 'node:os'
import { join } from 'node:path'
import { OpsError } from '../../errors.ts'
import { type BinaryPackage, findBinaries } from './binaries.ts'
import { makeFolder } from './files.ts'
import type { Home } from './home.ts'
import { copyBinaries, hasLibraryLinks, linkLibraries } from './libraries.ts'
import { runAs } from './run.ts'
import { makeSharedFolder, sharedFolder } from './shared.ts'
import type { ServerUser } from './user.ts'

const separator = /[:;]/

/** PostgreSQL's programs in a place where the user of the server can run them. */
export interface Installation {
  readonly initdb: string
  readonly postgres: string
  readonly majorVersion: number
  /** The whole environment of the programs: nothing of ours is theirs, such as DATABASE_URL or PGPORT. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Finds the binaries and makes them run, without writing into node_modules: their library links, which are
 * missing where install scripts are blocked, and a copy where the user of the server cannot reach them.
 *
 * @throws OpsError `embedded-missing`, `embedded-unsupported`, `embedded-binaries`, `embedded-user`.
 */
export async function install(projectRoot: string, home: Home): Promise<Installation> {
  const found = await findBinaries(projectRoot)
  const here = await withLibraries(found, home)
  if (home.user === undefined || (await runs(here, home.user))) return here
  return copyForOthers(found)
}

async function withLibraries(found: BinaryPackage, home: Home): Promise<Installation> {
  if (await hasLibraryLinks(found)) return installationAt(found.directory, found.version)
  if (!takesLibraryPath(home.directory)) {
    return copyInto(join(home.directory, `postgresql-${found.version}`), found)
  }
  const origin = createHash('sha256').update(found.directory).digest('hex').slice(0, 8)
  const links = join(home.directory, `lib-${found.version}-${origin}`)
  await makeFolder(links, temporary => linkLibraries(found, temporary, home.user))
  return installationAt(found.directory, found.version, { LD_LIBRARY_PATH: links })
}

/**
 * initdb starts postgres through /bin/sh, and macOS takes DYLD_LIBRARY_PATH away from that:
 * https://support.apple.com/102149 (a copy takes no room there, APFS shares the blocks).
 * On Linux the path cannot hold its own separators: man 8 ld.so.
 */
function takesLibraryPath(directory: string): boolean {
  return platform() !== 'darwin' && !separator.test(directory)
}

async function copyForOthers(found: BinaryPackage): Promise<Installation> {
  try {
    await makeSharedFolder()
    return await copyInto(join(sharedFolder, `postgresql-${found.version}`), found)
  } catch (cause) {
    throw new OpsError({
      code: 'embedded-binaries',
      exit: 2,
      message: `PostgreSQL does not run as root, other users cannot reach ${found.directory}, and it could not be copied: ${(cause as Error).message}.`,
      hint: 'Work in a folder that other users may enter, or set DATABASE_URL.',
      cause,
    })
  }
}

async function copyInto(directory: string, found: BinaryPackage): Promise<Installation> {
  await makeFolder(directory, temporary => copyBinaries(found, temporary))
  return installationAt(directory, found.version)
}

/** The truth about permissions, ACLs and mount options is in the attempt. */
async function runs({ postgres, environment }: Installation, user: ServerUser): Promise<boolean> {
  try {
    await runAs(user, postgres, ['--version'], { environment })
    return true
  } catch (error) {
    if (error instanceof OpsError && error.code === 'embedded-user') throw error
    return false
  }
}

function installationAt(directory: string, version: string, more: Record<string, string> = {}): Installation {
  const bin = join(directory, 'native', 'bin')
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    majorVersion: Number.parseInt(version, 10),
    environment: { LC_ALL: 'C', TZ: 'UTC', ...more },
  }
}
