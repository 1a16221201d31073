import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverAccount, serverProcess } from './account.ts'
import { freePort } from './port.ts'

export interface Bouncer {
  readonly port: number
  stop(): Promise<void>
}

export interface BouncerOptions {
  /** The server behind it. */
  readonly host: string
  readonly port: number
  readonly mode: 'transaction' | 'session'
  /** Sessions in its pool. */
  readonly size: number
  /** Hands its sessions out in turn rather than the latest first. */
  readonly roundRobin: boolean
}

const PATIENCE = 10_000

/** Debian installs it where only root looks. */
const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find(name => !spawnSync(name, ['--version']).error)

/** Why there is no PgBouncer to be had, as half a sentence. */
export function withoutBouncer(): string | undefined {
  return program ? undefined : 'there is no pgbouncer in PATH (Debian: apt-get install pgbouncer)'
}

/** Starts PgBouncer before a server that trusts everybody. */
export async function startBouncer(options: BouncerOptions): Promise<Bouncer> {
  if (!program) throw new Error(withoutBouncer())
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  const [settings, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users')]
  writeFileSync(users, '"postgres" ""\n')
  writeFileSync(
    settings,
    `[databases]
* = host=${options.host} port=${options.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${options.mode}
default_pool_size = ${options.size}
server_round_robin = ${options.roundRobin ? 1 : 0}
`,
  )
  // like PostgreSQL, it does not run as root
  const account = serverAccount()
  if (account) for (const file of [folder, settings]) chownSync(file, account.uid, account.gid)
  const child = spawn(program, ['-q', settings], {
    ...serverProcess(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exit = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  const deadline = performance.now() + PATIENCE
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`PgBouncer did not start:\n${said}\n${readFileSync(settings, 'utf8')}`)
    await sleep(10)
  }
  return {
    port,
    stop: async () => {
      child.kill('SIGKILL')
      await exit
      await rm(folder, { recursive: true })
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
