import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Contender } from './measure.ts'

const HIGH_WATER = /VmHWM:\s+(\d+) kB/

/** The most memory that a process had, in kB, as the kernel keeps it. */
export async function peakMemory({ name, command, cwd, env }: Contender): Promise<number> {
  const [executable, ...args] = command
  const child = spawn(executable, args, {
    ...(cwd && { cwd }),
    env: { PATH: process.env.PATH, ...env },
    stdio: 'ignore',
  })
  let peak = 0
  const look = () => {
    try {
      peak = Number(HIGH_WATER.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak)
    } catch {
      // it has just ended
    }
  }
  const timer = setInterval(look, 5)
  const [code] = await once(child, 'close').finally(() => clearInterval(timer))
  if (code !== 0) throw new Error(`${name} exited with ${code}.`)
  return peak
}
