import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverProcess } from '../support/account.ts'
import { freePort } from '../support/port.ts'
import type { TestServer } from '../support/servers.ts'

export interface Bouncer {
  readonly port: number
  stop(): Promise<void>
}

/** Fewer than the runners that meet there. */
const SESSIONS = 3
const PATIENCE = 10_000

/** Debian installs it where only root looks. */
const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find(name => !spawnSync(name, ['--version']).error)

/** Why no pooler can be started here, as half a sentence. */
export function withoutBouncer(): string | undefined {
  return program ? undefined : 'there is no pgbouncer in PATH (Debian: apt-get install pgbouncer)'
}

/** PgBouncer in transaction mode, handing its sessions out in turn. */
export async function startBouncer({ port: target, socketDirectory }: TestServer): Promise<Bouncer> {
  if (!program) throw new Error(withoutBouncer())
  const port = await freePort()
  const [settings, users] = ['ini', 'users'].map(ending => join(socketDirectory, `bouncer-${port}.${ending}`))
  await writeFile(String(users), '"postgres" ""\n')
  await writeFile(
    String(settings),
    `[databases]
* = host=127.0.0.1 port=${target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${SESSIONS}
server_round_robin = 1
`,
  )
  const child = spawn(program, [String(settings)], { ...serverProcess(socketDirectory), stdio: 'ignore' })
  const exit = once(child, 'exit')
  const deadline = performance.now() + PATIENCE
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('PgBouncer did not start.')
    await sleep(10)
  }
  return {
    port,
    stop: async () => {
      child.kill('SIGKILL')
      await exit
      await Promise.all([settings, users].map(file => rm(String(file))))
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
