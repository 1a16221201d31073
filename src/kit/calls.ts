import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Context } from '../command.ts'

/** Calls one function of worker.cjs. Throws Error with drizzle-kit's own message, also where it ends its process. */
export type Call = <T>(call: string, argument: object) => Promise<T>

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly stack: string }
}

interface OpenCall {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Beside this file; the build puts it beside the bundle. */
const WORKER = fileURLToPath(new URL('./worker.cjs', import.meta.url))

/** Runs `work` with a child process that holds drizzle-kit, in the given folder. What it prints disturbs nobody. */
export async function withCalls<T>(
  context: Context,
  module: string,
  folder: string,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, [WORKER, module], {
    cwd: folder,
    env: context.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    signal: context.signal,
  })
  try {
    return await work(callsTo(child))
  } catch (error) {
    // what an interrupted child says of its end is not the reason
    context.signal.throwIfAborted()
    throw error
  } finally {
    child.kill()
  }
}

function callsTo(child: ChildProcess): Call {
  let asked = 0
  let printed = ''
  let gone: Error | undefined
  const open = new Map<number, OpenCall>()
  const end = (error: Error) => {
    gone ??= error
    for (const { reject } of open.values()) reject(error)
    open.clear()
  }
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', text => {
      printed += text
    })
  child.on('message', ({ id, result, error }: Answer) => {
    const call = open.get(id)
    open.delete(id)
    if (error) call?.reject(Object.assign(new Error(error.message), { stack: error.stack }))
    else call?.resolve(result)
  })
  child.on('error', end)
  child.on('close', () => end(new Error(lastLine(printed) ?? 'it ended without a word')))
  return <T>(call: string, argument: object) =>
    new Promise<T>((resolve, reject) => {
      if (gone) return reject(gone)
      asked += 1
      open.set(asked, { resolve: result => resolve(result as T), reject })
      child.send({ id: asked, call, argument })
    })
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined
}
