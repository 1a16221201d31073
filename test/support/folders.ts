import { execFile } from 'node:child_process'
import { chown, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverAccount } from './account.ts'

const memory = '/dev/shm'
const plenty = 4 * 1024 ** 3

/**
 * A new folder that belongs to the server, in memory if that has room and TMPDIR does not say otherwise: a database
 * that is cloned and dropped is 300 files, and a disk's file system takes ten times as long over them.
 */
export async function rootFolder(inMemory: boolean): Promise<string> {
  const parent = inMemory && !process.env.TMPDIR && (await hasRoom()) ? memory : tmpdir()
  // Short, because the path of a socket may have about 100 characters.
  const root = await mkdtemp(join(parent, 'pg-'))
  const account = serverAccount()
  if (account) await chown(root, account.uid, account.gid)
  return root
}

async function hasRoom() {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize > plenty
}

// Node's own copy loses the owner and is slower.
export async function copyFolder(from: string, to: string) {
  await promisify(execFile)('cp', ['-a', from, to])
}
