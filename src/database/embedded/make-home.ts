import { realpath, rmdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OpsError } from '../../errors.ts'
import { give, makeDirectory } from './files.ts'
import type { Home } from './home.ts'
import { makeSharedFolder, sharedFolder } from './shared.ts'
import { canEnter, chooseUser, isRoot, nameOfUser, readPasswd, type ServerUser } from './user.ts'

/**
 * Makes a home in the first of several places that serves.
 *
 * @throws OpsError `embedded-home` with what is wrong with each of them, `embedded-user`.
 */
export async function makeHome(places: string[]): Promise<Home> {
  const user = isRoot() ? chooseUser(await readPasswd()) : undefined
  const reasons: string[] = []
  for (const directory of places) {
    try {
      await makeAt(directory, user)
      return { directory: await realpath(directory), user }
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new OpsError({
    code: 'embedded-home',
    exit: 2,
    message: `There is no place for the embedded PostgreSQL server: ${reasons.join('; ')}.`,
    hint: 'Work in a folder that you may write to and that other users may enter, or set DATABASE_URL.',
  })
}

async function makeAt(directory: string, user: ServerUser | undefined): Promise<void> {
  if (dirname(directory) === sharedFolder) await makeSharedFolder()
  if (user && !(await canEnter(dirname(directory), user))) {
    throw new Error(`${await nameOfUser(user.uid)} cannot enter ${dirname(directory)}`)
  }
  await makeDirectory(directory, 0o700)
  try {
    await give(directory, user)
    if (user) await verify(directory, user)
  } catch (error) {
    // Else the next command would take it for a home; another's is not empty and stays.
    await rmdir(directory).catch(() => undefined)
    throw error
  }
}

/** Folders that a virtual machine shares with its host may take chown and chmod without doing either. */
async function verify(directory: string, user: ServerUser): Promise<void> {
  const { uid, mode } = await stat(directory)
  if (uid === user.uid && (mode & 0o777) === 0o700) return
  throw new Error(`${dirname(directory)} lies on a file system without owners or modes`)
}
