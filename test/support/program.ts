import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Io, main } from '../../src/main.ts'
import { afterTest } from './cleanup.ts'

export interface ProgramOptions {
  /** An empty folder unless given. */
  readonly cwd?: string
  /** All of the environment, but for HOME. A config's own `process.env` is the test's. */
  readonly env?: Record<string, string>
  readonly stdin?: string
  /** Columns of a terminal on stdout; none means a pipe. */
  readonly columns?: number
  /** Sends this signal when stderr first matches, or once something has happened. */
  readonly interrupt?: {
    readonly signal: 'SIGINT' | 'SIGTERM'
    readonly seen?: RegExp
    after?(): Promise<unknown>
  }
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs drizzle-ops within the test's process, from arguments to exit code. */
export async function ops(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const home = emptyFolder()
  const signals = new EventEmitter()
  let stdout = ''
  let stderr = ''
  const io: Io = {
    stdin: Readable.from([options.stdin ?? '']),
    stdout: {
      ...(options.columns && { isTTY: true, columns: options.columns }),
      write: (text, done) => {
        stdout += typeof text === 'string' ? text : Buffer.from(text).toString()
        done?.()
      },
    },
    stderr: {
      write: text => {
        stderr += text
        if (options.interrupt?.seen?.test(stderr)) signals.emit(options.interrupt.signal)
      },
    },
    env: { HOME: home, ...options.env },
    cwd: () => options.cwd ?? home,
    on: (signal, listener) => signals.on(signal, listener),
    off: (signal, listener) => signals.off(signal, listener),
  }
  void options.interrupt?.after?.().then(() => signals.emit(options.interrupt?.signal ?? ''))
  const code = await main(args, io)
  return { code, stdout, stderr }
}

/** The one document that `--json` promises. */
export function documentOf<T extends object>({ stdout }: Pick<Outcome, 'stdout'>): T {
  return JSON.parse(stdout) as T
}

/** A folder that goes when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ops-'))
  // not rmSync: where a program that ends still writes there, its retries do not look for new files
  afterTest(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return folder
}
