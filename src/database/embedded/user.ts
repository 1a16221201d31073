import type { Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OpsError } from '../../errors.ts'

/** The user of the operating system as whom the server runs. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** Whether this process is root, as whom PostgreSQL does not run. */
export function isRoot(): boolean {
  return ownUid() === 0
}

/** The user id of this process; undefined on Windows. */
export function ownUid(): number | undefined {
  return process.getuid?.()
}

/**
 * Chooses the user as whom root runs the server: `postgres`, else `nobody`, else the first that is not root.
 * It must be in `passwd` (the text of /etc/passwd), since initdb refuses a user id without a name.
 *
 * @throws OpsError `embedded-user` where root is alone.
 */
export function chooseUser(passwd: string): ServerUser {
  const users = parsePasswd(passwd).filter(user => user.uid !== 0)
  const chosen = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody')
  const user = chosen ?? users[0]
  if (user) return { uid: user.uid, gid: user.gid }
  throw new OpsError({
    code: 'embedded-user',
    exit: 2,
    message: 'PostgreSQL does not run as root, and /etc/passwd names no other user.',
    hint: 'Add a user named postgres to /etc/passwd, or set DATABASE_URL.',
  })
}

/** The name of a user id for people: that of /etc/passwd, or `uid 1000`. */
export async function nameOfUser(uid: number): Promise<string> {
  const passwd = await readPasswd()
  return parsePasswd(passwd).find(user => user.uid === uid)?.name ?? `uid ${uid}`
}

/** The text of /etc/passwd, empty where there is none. */
export function readPasswd(): Promise<string> {
  return readFile('/etc/passwd', 'utf8').catch(() => '')
}

/** Whether a user may enter a folder and every folder above it. Looks at mode bits, not at ACLs. */
export async function canEnter(directory: string, user: ServerUser): Promise<boolean> {
  if (!maySearch(await stat(directory), user)) return false
  const above = dirname(directory)
  return above === directory || canEnter(above, user)
}

/** The search bit that counts is that of the first class the user is in: man 7 path_resolution. */
function maySearch(folder: Stats, user: ServerUser): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0
  return (folder.mode & 0o001) !== 0
}

function parsePasswd(passwd: string): { name: string; uid: number; gid: number }[] {
  return passwd
    .split('\n')
    .map(line => line.split(':'))
    .filter(fields => fields.length === 7)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
}
