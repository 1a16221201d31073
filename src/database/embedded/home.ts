import { createHash } from 'node:crypto'
import { chmod, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OpsError } from '../../errors.ts'
import { createPrivately, exists } from './files.ts'
import { makeHome } from './make-home.ts'
import { sharedFolder } from './shared.ts'
import { canEnter, isRoot, nameOfUser, ownUid, type ServerUser } from './user.ts'

/** The folder of a project's server: `data/`, `server.log`, `password`, `url`. Mode 0700. */
export interface Home {
  readonly directory: string
  /** As whom root runs the server. Undefined: as oneself. */
  readonly user: ServerUser | undefined
}

/** The cluster inside a home. */
export function dataDirectoryOf(home: Home): string {
  return join(home.directory, 'data')
}

/**
 * Finds the home of a project that has one.
 *
 * @throws OpsError `embedded-not-yours` where another user made it.
 */
export async function findHome(projectRoot: string): Promise<Home | undefined> {
  for (const directory of await placesFor(projectRoot)) {
    const home = (await exists(directory)) ? await readHome(await realpath(directory)) : undefined
    if (home) return home
  }
  return undefined
}

/**
 * Finds the home of a project, or makes it: `.drizzle-ops` in the project, or, for root alone and only where
 * the server's user cannot enter that, a folder of /var/lib/drizzle-ops.
 *
 * @throws OpsError `embedded-not-yours`, `embedded-home`, `embedded-user`.
 */
export async function openHome(projectRoot: string): Promise<Home> {
  const home = (await findHome(projectRoot)) ?? (await makeHome(await placesFor(projectRoot)))
  await chmod(home.directory, 0o700)
  await createPrivately(join(home.directory, '.gitignore'), '*\n', home.user)
  return home
}

async function placesFor(projectRoot: string): Promise<string[]> {
  const root = await realpath(projectRoot)
  const inProject = join(root, '.drizzle-ops')
  if (!isRoot()) return [inProject]
  return [inProject, join(sharedFolder, createHash('sha256').update(root).digest('hex').slice(0, 12))]
}

async function readHome(directory: string): Promise<Home | undefined> {
  const { uid, gid } = await stat(directory)
  if (!isRoot()) {
    if (uid !== (ownUid() ?? uid)) throw await notYours(directory, uid)
    return { directory, user: undefined }
  }
  // Made by an ordinary user before: the server goes on as that one. Root's own is not finished yet.
  const user = { uid, gid }
  return uid !== 0 && (await canEnter(directory, user)) ? { directory, user } : undefined
}

async function notYours(directory: string, uid: number): Promise<OpsError> {
  return new OpsError({
    code: 'embedded-not-yours',
    exit: 2,
    message: `${directory}, the home of the embedded PostgreSQL server, belongs to ${await nameOfUser(uid)}.`,
    hint: 'sudo rm -r .drizzle-ops (deletes that database), or set DATABASE_URL',
  })
}
