import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')

/** Sends the signal `ms` after the output of either stream first matched `seen`, or after the start. */
export interface SignalAfter {
  readonly signal: NodeJS.Signals
  readonly seen?: RegExp
  readonly ms?: number
}

export interface RunOptions {
  /** An empty folder unless given. */
  readonly cwd?: string
  /** All that the program sees beyond PATH and HOME. */
  readonly env?: Record<string, string>
  /** The binary to run it with, such as `await nodeBinary(24)`. */
  readonly node?: string
  readonly stdin?: string
  readonly signalAfter?: SignalAfter
  /** In ms, less than a test's own, so that the failure shows the output. */
  readonly timeout?: number
}

export interface Finished {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Runs drizzle-ops as a process of its own, as a shell would. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runScript(program, args, options)
}

export async function runScript(script: string, args: readonly string[], options: RunOptions = {}) {
  const home = await mkdtemp(join(tmpdir(), 'home-'))
  try {
    const child = spawn(options.node ?? process.execPath, [script, ...args], {
      cwd: options.cwd ?? home,
      env: { PATH: process.env.PATH, HOME: home, ...options.env },
      stdio: 'pipe',
      // A group of its own, so that what it spawned ends with it.
      detached: true,
    })
    return await finished(child, options)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function finished(child: ChildProcessWithoutNullStreams, options: RunOptions): Promise<Finished> {
  const { stdin, signalAfter, timeout = 20_000 } = options
  const output = collect(child)
  // A program that ends without reading all of its input is no failure of the test's.
  child.stdin.on('error', () => undefined).end(stdin)
  if (signalAfter) sendSignal(child, signalAfter)
  let late = false
  const timer = setTimeout(() => {
    late = true
    process.kill(-Number(child.pid), 'SIGKILL')
  }, timeout)
  const [code, signal] = await once(child, 'close').finally(() => clearTimeout(timer))
  if (late) throw new Error(`Not finished after ${timeout} ms:\n${output.stdout}\n${output.stderr}`)
  return { ...output, code, signal }
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

function sendSignal(child: ChildProcessWithoutNullStreams, { signal, seen, ms = 0 }: SignalAfter) {
  const send = () => setTimeout(() => child.kill(signal), ms).unref()
  if (!seen) return send()
  let text = ''
  const look = (chunk: string) => {
    text += chunk
    if (!seen.test(text)) return
    child.stdout.off('data', look)
    child.stderr.off('data', look)
    send()
  }
  child.stdout.on('data', look)
  child.stderr.on('data', look)
}
