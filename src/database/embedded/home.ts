import { createHash } from 'node:crypto'
import { chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OpsError } from '../../errors.ts'
import { createPrivately, exists, give } from './files.ts'
import { canEnter, chooseUser, isRoot, nameOfUser, ownUid, readPasswd, type ServerUser } from './user.ts'

/** Where root keeps what the server's user cannot reach in the project. */
export const sharedFolder = '/var/lib/drizzle-ops'

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
  const home = (await findHome(projectRoot)) ?? (await makeHome(projectRoot))
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

async function makeHome(projectRoot: string): Promise<Home> {
  const places = await placesFor(projectRoot)
  const user = isRoot() ? chooseUser(await readPasswd()) : undefined
  let cause: unknown
  for (const directory of places) {
    try {
      if (await makeFor(user, directory)) return { directory: await realpath(directory), user }
    } catch (error) {
      cause = error
    }
  }
  throw new OpsError({
    code: 'embedded-home',
    exit: 2,
    message: `There is no place for the embedded PostgreSQL server: ${await whyNot(places, user, cause)}.`,
    hint: 'Work in a folder that you may write to and that other users may enter, or set DATABASE_URL.',
    cause,
  })
}

/** False where the user could not get in; some shared folders of virtual machines also ignore chown and chmod. */
async function makeFor(user: ServerUser | undefined, directory: string): Promise<boolean> {
  if (dirname(directory) === sharedFolder) await makeSharedFolder()
  if (user && !(await canEnter(dirname(directory), user))) return false
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  await give(directory, user)
  const made = await stat(directory)
  return user === undefined || (made.uid === user.uid && (made.mode & 0o777) === 0o700)
}

/** Open to all users whatever root's umask is. */
export async function makeSharedFolder(): Promise<void> {
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 })
  await chmod(sharedFolder, 0o755)
}

async function whyNot(places: string[], user: ServerUser | undefined, cause: unknown): Promise<string> {
  if (cause instanceof Error) return cause.message
  return `${user ? await nameOfUser(user.uid) : 'this user'} cannot enter ${places.join(' or ')}`
}

async function notYours(directory: string, uid: number): Promise<OpsError> {
  return new OpsError({
    code: 'embedded-not-yours',
    exit: 2,
    message: `${directory}, the home of the embedded PostgreSQL server, belongs to ${await nameOfUser(uid)}.`,
    hint: 'sudo rm -r .drizzle-ops (deletes that database), or set DATABASE_URL',
  })
}
