import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import { afterTest } from './cleanup.ts'
import { emptyFolder } from './program.ts'

const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')

/** drizzle-ops at work as a process of its own. */
export interface Foreground {
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string }
  /** Returns once stdout matches. */
  seen(pattern: RegExp): Promise<void>
  signal(name: NodeJS.Signals): void
  /** The exit code, once it has ended. */
  ended(): Promise<number | null>
}

/** Starts a command that goes on until it is told to stop; it ends with the test at the latest. */
export function start(args: readonly string[], cwd: string): Foreground {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: emptyFolder() },
    stdio: 'pipe',
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const output = collect(child)
  afterTest(async () => {
    child.kill('SIGTERM')
    await exit
  })
  return {
    output,
    seen: async pattern => {
      await expect.poll(() => output.stdout, { interval: 10, timeout: 20_000 }).toMatch(pattern)
    },
    signal: name => child.kill(name),
    ended: () => exit,
  }
}

function collect(child: ChildProcessWithoutNullStreams) {
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    output.stderr += text
  })
  return output
}
