import { execFile } from 'node:child_process'
import { platform } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { OpsError } from '../../errors.ts'
import { findBinaries } from './binaries.ts'
import { findPostmaster } from './postmaster.ts'

/** Milliseconds that a fast shutdown may take; its checkpoint writes at most shared_buffers. */
const patience = 30_000

/** Milliseconds for the server to note that it shall stop; it takes 1 or 2. */
const obedience = 1_000

/**
 * Asks the server for a smart shutdown: it serves the sessions it has, and refuses new ones with 57P03.
 * Returns once `postmaster.pid` says so, a few milliseconds later.
 */
export async function stopWhenIdle(projectRoot: string, dataDirectory: string): Promise<void> {
  const server = await findPostmaster(dataDirectory)
  if (server === undefined) return
  await signal(projectRoot, server.pid, 'TERM')
  const deadline = Date.now() + obedience
  while ((await findPostmaster(dataDirectory))?.status === 'ready' && Date.now() < deadline) await sleep(1)
}

/**
 * Stops the server of a data directory, ending its sessions, and waits until it is gone.
 * False where none runs: https://www.postgresql.org/docs/current/server-shutdown.html
 *
 * @throws OpsError `embedded-stop` where it still runs after 30 s.
 */
export async function stopNow(projectRoot: string, dataDirectory: string): Promise<boolean> {
  const server = await findPostmaster(dataDirectory)
  if (server === undefined) return false
  await signal(projectRoot, server.pid, 'INT')
  const deadline = Date.now() + patience
  while ((await findPostmaster(dataDirectory))?.pid === server.pid) {
    if (Date.now() > deadline) throw doesNotStop(server.pid)
    await sleep(2)
  }
  return true
}

/** On Windows a signal of Node's would kill; pg_ctl reaches the server through its pipe. */
async function signal(projectRoot: string, pid: number, name: 'TERM' | 'INT'): Promise<void> {
  if (platform() !== 'win32') {
    process.kill(pid, `SIG${name}`)
    return
  }
  const { directory } = await findBinaries(projectRoot)
  await promisify(execFile)(join(directory, 'native', 'bin', 'pg_ctl'), ['kill', name, String(pid)])
}

function doesNotStop(pid: number): OpsError {
  return new OpsError({
    code: 'embedded-stop',
    message: `The embedded PostgreSQL server, process ${pid}, did not stop within ${patience / 1000} seconds.`,
    hint: `Wait for what it does, or end it with: kill -QUIT ${pid}`,
  })
}
