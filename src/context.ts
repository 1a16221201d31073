import { Writable } from 'node:stream'
import type { Invocation } from './cli.ts'
import type { Context, DatabaseIdentity } from './command.ts'
import type { Io } from './main.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Globals } from './options.ts'
import type { Narrator } from './output/narrator.ts'

/** What the boundary learns while a command runs, for the document of its failure. */
export interface Trail {
  format: string
  invocation?: Invocation
  /** Events have been printed as they happened, so the result is told already. */
  streamed?: boolean
  database?: DatabaseIdentity
}

/** How results and remarks reach the streams. */
export interface Told extends Pick<Context, 'publish' | 'refresh'> {
  readonly narration: Narrator
  readonly metrics: Metrics | undefined
}

/** What a command sees of the streams, the environment and the signals. */
export function contextOf(
  io: Io,
  globals: Globals,
  signal: AbortSignal,
  trail: Trail,
  { narration, metrics, publish, refresh }: Told,
): Context {
  return {
    globals,
    signal,
    publish,
    refresh,
    cwd: io.cwd(),
    env: io.env,
    report: narration.report,
    metrics,
    event: event => {
      if (globals.format !== 'ndjson') return
      trail.streamed = true
      io.stdout.write(`${JSON.stringify(event)}\n`)
    },
    reached: database => {
      trail.database = database
    },
    readStandardInput: async () => {
      const { text } = await import('node:stream/consumers')
      return text(io.stdin)
    },
    input: () => io.stdin,
    output: () => new Writable({ write: (chunk, _, done) => void io.stdout.write(chunk, done) }),
    ask: async question => {
      if (!io.stdin.isTTY || !io.stderr.isTTY) return undefined
      narration.end()
      const { ask } = await import('./output/ask.ts')
      return ask(question, io.stdin, io.stderr, signal)
    },
  }
}
