import { readFileSync } from 'node:fs'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** How to spawn a program of PostgreSQL's: as whom, with nothing of our own environment, from a folder it may enter. */
export function serverProcess(root: string) {
  return { cwd: root, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, ...serverAccount() }
}

/** PostgreSQL refuses root, so root hands over; anyone else runs it as themselves. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const entry =
    users.find(line => line.startsWith('postgres:')) ?? users.find(line => line.startsWith('nobody:'))
  if (!entry) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody.')
  const [, , uid, gid] = entry.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
