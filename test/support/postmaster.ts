import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverProcess } from './account.ts'

const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** How a server goes: waits for its clients, disconnects them, or crashes. */
export type StopMode = keyof typeof signals

export interface Postmaster {
  readonly pid: number
  stop(mode: StopMode): Promise<void>
}

const patience = 30_000

/** Starts the server on `<root>/data` and returns once it takes connections. */
export async function startPostmaster(native: string, root: string): Promise<Postmaster> {
  const log = openSync(join(root, 'log'), 'a')
  const child = spawn(join(native, 'bin/postgres'), ['-D', join(root, 'data')], {
    ...serverProcess(root),
    stdio: ['ignore', log, log],
    // Out of the terminal's process group: Ctrl-C must not take the server away below the tests.
    detached: true,
  })
  closeSync(log)
  await once(child, 'spawn')
  child.unref()
  await ready(child, root)
  return { pid: Number(child.pid), stop: mode => stop(child, mode) }
}

async function stop(child: ChildProcess, mode: StopMode) {
  if (hasEnded(child)) return
  child.ref()
  const exit = once(child, 'exit')
  child.kill(signals[mode])
  const last = setTimeout(() => child.kill('SIGKILL'), patience)
  await exit
  clearTimeout(last)
}

async function ready(child: ChildProcess, root: string) {
  const deadline = Date.now() + patience
  while (!(await isReady(child, root))) {
    if (hasEnded(child))
      throw new Error(`The server did not start:\n${await readFile(join(root, 'log'), 'utf8')}`)
    if (Date.now() > deadline) throw new Error(`The server is not ready after ${patience} ms.`)
    await sleep(10)
  }
}

// What pg_ctl --wait reads: the process on the first line, what it is doing on the eighth.
async function isReady(child: ChildProcess, root: string) {
  const file = await readFile(join(root, 'data/postmaster.pid'), 'utf8').catch(() => '')
  const lines = file.split('\n')
  return lines[0] === String(child.pid) && lines[7]?.trim() === 'ready'
}

function hasEnded(child: ChildProcess) {
  return child.exitCode !== null || child.signalCode !== null
}
