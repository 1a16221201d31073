import type { Readable, Writable } from 'node:stream'
import { type Invocation, parse } from './cli.ts'
import type { Context, DatabaseIdentity } from './command.ts'
import { type ExitCode, knowing, OpsError } from './errors.ts'
import { explain } from './explain.ts'
import type { Globals } from './options.ts'
import { failureDocument, failureText } from './output/failure.ts'
import type { Format } from './output/formats.ts'
import { type Narrator, narrator } from './output/narrator.ts'
import type { Paper } from './output/render.ts'

type Signal = 'SIGINT' | 'SIGTERM'

const SIGNAL_EXIT: Record<Signal, ExitCode> = { SIGINT: 130, SIGTERM: 143 }

/** The part of `process` that the boundary uses; tests bring their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: NodeJS.ProcessEnv
  cwd(): string
  on(signal: Signal, listener: () => void): unknown
  off(signal: Signal, listener: () => void): unknown
}

export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What the boundary learns while a command runs, for the document of its failure. */
interface Trail {
  format: Format
  /** Events have been printed as they happened, so the result is told already. */
  streamed?: boolean
  database?: DatabaseIdentity
}

/** From arguments to exit code: the only place that writes to a stream, and the catch of last resort. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const trail: Trail = { format: announcedFormat(argv) }
  const interruption = interruptedBy(io)
  try {
    const invocation = await parse(argv, text => io.stdout.write(text))
    if (!invocation) return 0
    trail.format = invocation.globals.format
    return await perform(invocation, io, interruption.signal, trail)
  } catch (thrown) {
    const { signal } = interruption
    return await fail(signal.aborted ? stopped(signal, thrown) : explain(thrown), trail, io)
  } finally {
    interruption.stop()
  }
}

async function perform(
  { command, options, globals, name }: Invocation,
  io: Io,
  signal: AbortSignal,
  trail: Trail,
): Promise<ExitCode> {
  const narration = narrator(io.stderr, globals)
  const publish = async (result: object) => {
    narration.end()
    if (trail.streamed) return
    const { render } = await import('./output/render.ts')
    const document = { schemaVersion: 1, ...(trail.database && { database: trail.database }), ...result }
    io.stdout.write(
      await render(
        globals.format,
        { command: name, document, blocks: () => command.view(result) },
        paperOf(io, globals),
      ),
    )
  }
  const result = await withConsoleOn(io.stderr, () =>
    command.run(contextOf(io, globals, signal, narration, trail, publish), options),
  ).finally(narration.end)
  if (!result) return 0
  await publish(result)
  return command.exit?.(result) ?? 0
}

/** Configs print: dotenv 17 greets on stdout, which belongs to the result alone. */
async function withConsoleOn<T>(stream: OutputStream, work: () => Promise<T>): Promise<T> {
  const { Console } = await import('node:console')
  const own = globalThis.console
  globalThis.console = new Console(stream as unknown as Writable)
  try {
    return await work()
  } finally {
    globalThis.console = own
  }
}

function contextOf(
  io: Io,
  globals: Globals,
  signal: AbortSignal,
  narration: Narrator,
  trail: Trail,
  publish: Context['publish'],
): Context {
  return {
    globals,
    signal,
    publish,
    cwd: io.cwd(),
    env: io.env,
    report: narration.report,
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
    ask: async question => {
      if (!io.stdin.isTTY || !io.stderr.isTTY) return undefined
      narration.end()
      const { ask } = await import('./output/ask.ts')
      return ask(question, io.stdin, io.stderr, signal)
    },
  }
}

/** Errors of the arguments are told in the format that the arguments ask for, though they cannot be parsed. */
function announcedFormat(argv: readonly string[]): Format {
  const named = argv[argv.indexOf('--format') + 1]
  const json =
    argv.includes('--json') ||
    argv.includes('--format=json') ||
    (argv.includes('--format') && named === 'json')
  return json ? 'json' : 'table'
}

function paperOf(io: Io, globals: Globals): Paper {
  return {
    colour: wantsColour(io.stdout, globals, io.env),
    width: io.stdout.isTTY ? (io.stdout.columns ?? 80) : undefined,
  }
}

/** https://no-color.org and https://force-color.org */
function wantsColour(stream: OutputStream, { color }: Globals, env: NodeJS.ProcessEnv): boolean {
  if (color !== 'auto') return color === 'always'
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true
}

function interruptedBy(io: Io): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const listeners = (['SIGINT', 'SIGTERM'] as const).map(signal => {
    const listener = () => controller.abort(interrupted(signal))
    io.on(signal, listener)
    return () => io.off(signal, listener)
  })
  return {
    signal: controller.signal,
    stop: () => {
      for (const remove of listeners) remove()
    },
  }
}

function interrupted(signal: Signal): OpsError {
  return new OpsError({
    code: 'interrupted',
    message: `Stopped by ${signal}.`,
    hint: 'What was not finished has been rolled back; run the command again to go on.',
    exit: SIGNAL_EXIT[signal],
  })
}

/** Whatever a command throws once a signal has fired is the signal's doing; what it had done by then stays told. */
function stopped({ reason }: AbortSignal, thrown: unknown): unknown {
  return thrown instanceof OpsError ? knowing(reason, thrown.known) : reason
}

async function fail(error: unknown, trail: Trail, io: Io): Promise<ExitCode> {
  const asDocument = trail.format === 'json' || trail.format === 'ndjson'
  if (asDocument) io.stdout.write(failureDocument(error, trail.format, trail.database))
  else io.stderr.write(await failureText(error))
  // a bug is not dressed up: its stack goes to stderr in every format
  if (asDocument && !(error instanceof OpsError)) io.stderr.write(await failureText(error))
  return error instanceof OpsError ? error.exit : 1
}
