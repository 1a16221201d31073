import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverAccount } from './account.ts'
import { afterTest } from './cleanup.ts'
import { freePort } from './port.ts'
import { sharedServer } from './shared-servers.ts'

export interface PoolOptions {
  readonly major: number
  readonly mode: 'transaction' | 'session'
  readonly size?: number
  /** Hands its sessions out in turn rather than the latest first. */
  readonly roundRobin?: boolean
}

const binary = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  .map(folder => join(folder, 'pgbouncer'))
  .find(existsSync)

/** Why there is no PgBouncer to be had, as a sentence. */
export function pgBouncerMissing(): string | undefined {
  return binary ? undefined : 'There is no pgbouncer in PATH (Debian: apt-get install pgbouncer).'
}

/** Starts PgBouncer before a shared server until the test ends. Gives the URL of a database through it. */
export async function startPgBouncer({ major, mode, size = 5, roundRobin = false }: PoolOptions) {
  if (!binary) throw new Error(pgBouncerMissing())
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  const port = await freePort()
  const server = sharedServer(major)
  const ini = join(folder, 'pgbouncer.ini')
  writeFileSync(join(folder, 'users'), '"postgres" ""\n')
  writeFileSync(
    ini,
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users')}
pool_mode = ${mode}
default_pool_size = ${size}
server_round_robin = ${roundRobin ? 1 : 0}
`,
  )
  // like PostgreSQL, it does not run as root
  const account = serverAccount()
  if (account) for (const file of [folder, ini]) chownSync(file, account.uid, account.gid)
  const child = spawn(binary, ['-q', ini], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...account })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  afterTest(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  while (!(await answers(port))) {
    if (child.exitCode !== null)
      throw new Error(`PgBouncer did not start:\n${said}\n${readFileSync(ini, 'utf8')}`)
    await sleep(10)
  }
  return { url: (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}` }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
