import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { serverAccount, serverProcess } from './account.ts'
import { copyFolder } from './folders.ts'
import { ensureRuntime, type PostgresMajor } from './runtimes.ts'

const execute = promisify(execFile)

/** Makes `<root>/data`, an empty cluster with the groups that `pg_hba.conf` speaks of. */
export async function createCluster(major: PostgresMajor, native: string, root: string) {
  const cached = await cachedCluster(major)
  if (existsSync(cached)) return copyFolder(cached, join(root, 'data'))
  await initialize(native, root)
  await keep(join(root, 'data'), cached)
}

async function initialize(native: string, root: string) {
  const options = serverProcess(root)
  const data = join(root, 'data')
  const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  await execute(join(native, 'bin/initdb'), ['-D', data, ...flags], options)
  const single = execute(join(native, 'bin/postgres'), ['--single', '-D', data, 'postgres'], options)
  single.child.stdin?.end('CREATE ROLE password_users\nCREATE ROLE tls_users\n')
  await single
}

// Beside the binaries, so that a new version starts without; by account, because a server must own its data.
async function cachedCluster(major: PostgresMajor) {
  const folder = await ensureRuntime(`pg${major}`)
  return join(folder, 'node_modules/.cache', `cluster-${serverAccount()?.uid ?? process.getuid?.()}`)
}

async function keep(data: string, cached: string) {
  await mkdir(dirname(cached), { recursive: true })
  const aside = await mkdtemp(`${cached}-`)
  await copyFolder(data, join(aside, 'data'))
  // Another process may have been faster; its cluster is as good.
  await rename(join(aside, 'data'), cached).catch(() => undefined)
  await rm(aside, { recursive: true })
}
