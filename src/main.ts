import { Console } from 'node:console'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { type Invocation, parse } from './cli.ts'
import type { Command } from './command.ts'
import { contextOf, type Told, type Trail } from './context.ts'
import { type ExitCode, OpsError } from './errors.ts'
import { explain } from './explain.ts'
import { interruptedBy, type SignalSource, stopped } from './interruption.ts'
import type { Metrics } from './metrics/metrics.ts'
import { failureDocument, failureText } from './output/failure.ts'
import { isFormat } from './output/formats.ts'
import { narrator } from './output/narrator.ts'
import { paperOf } from './output/paper.ts'
import { screenOn } from './output/screen.ts'

/** The part of `process` that the boundary uses; tests bring their own. */
export interface Io extends SignalSource {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: NodeJS.ProcessEnv
  cwd(): string
}

export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  /** False once the other end of a pipe is gone. */
  readonly writable?: boolean
  write(text: string | Uint8Array, done?: (error?: Error | null) => void): unknown
}

/** From arguments to exit code: the only place that writes to a stream, and the catch of last resort. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const trail: Trail = { format: announcedFormat(argv) }
  const interruption = interruptedBy(io)
  try {
    const invocation = await parse(argv, text => io.stdout.write(text))
    if (!invocation) return 0
    trail.format = invocation.globals.format
    trail.invocation = invocation
    return await perform(invocation, io, interruption.signal, trail)
  } catch (thrown) {
    const { signal } = interruption
    return await fail(signal.aborted ? stopped(signal, thrown) : explain(thrown, trail.database), trail, io)
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
  const narration = narrator(io, globals)
  const screen = screenOn(io.stdout)
  const drawn = async (result: object, format: string): Promise<string> => {
    const own = command.formats?.[format]
    if (own) return own(result)
    const { render } = await import('./output/render.ts')
    const document = { schemaVersion: 1, ...(trail.database && { database: trail.database }), ...result }
    return render(
      isFormat(format) ? format : 'table',
      { command: name, document, blocks: () => command.view(result) },
      paperOf(io.stdout, globals, io.env),
    )
  }
  const told: Omit<Told, 'metrics'> = {
    narration,
    publish: async result => {
      narration.end()
      if (!trail.streamed) io.stdout.write(await drawn(result, globals.format))
    },
    refresh: async result => {
      narration.end()
      if (io.stdout.isTTY && globals.format === 'table') screen.show(await drawn(result, globals.format))
      else io.stdout.write(`${JSON.stringify(result)}\n`)
      return io.stdout.writable !== false
    },
  }
  const result = await withConsoleOn(io, () =>
    withMetrics(globals.metrics, io, metrics =>
      command.run(contextOf(io, globals, signal, trail, { ...told, metrics }), options),
    ),
  ).finally(() => {
    screen.leave()
    narration.end()
  })
  if (!result) return 0
  await told.publish(result)
  await tellCi(io, command, result, async () => {
    const { markdown } = await import('./output/markdown.ts')
    return `### drizzle-ops ${name}\n\n${markdown(command.view(result))}`
  })
  return command.exit?.(result) ?? 0
}

async function withMetrics<T>(
  file: string | undefined,
  io: Io,
  work: (metrics: Metrics | undefined) => Promise<T>,
): Promise<T> {
  if (file === undefined) return work(undefined)
  const { withMetricsFile } = await import('./metrics/file.ts')
  return withMetricsFile(resolve(io.cwd(), file), work)
}

/** Configs print: dotenv 17 greets on stdout, which belongs to the result alone. */
async function withConsoleOn<T>(io: Io, work: () => Promise<T>): Promise<T> {
  const own = globalThis.console
  let told: Console | undefined
  const lazily = () => {
    told ??= new Console(io.stderr as unknown as Writable)
    return told
  }
  Object.defineProperty(globalThis, 'console', { configurable: true, get: lazily })
  try {
    return await work()
  } finally {
    Object.defineProperty(globalThis, 'console', { configurable: true, writable: true, value: own })
  }
}

/** Errors of the arguments are told in the format that the arguments ask for, though they cannot be parsed. */
function announcedFormat(argv: readonly string[]): string {
  if (argv.includes('--json')) return 'json'
  const words = argv.flatMap(word => (word.startsWith('--format=') ? word.split('=') : [word]))
  return (words.includes('--format') && words[words.indexOf('--format') + 1]) || 'table'
}

/** The steps of a CI job after this one read outputs; people read the summary. */
async function tellCi(
  io: Io,
  command: Command,
  known: object,
  summary: () => Promise<string>,
): Promise<void> {
  if (!command.outputs || !io.env.GITHUB_ACTIONS) return
  const { tellGithub } = await import('./output/github.ts')
  await tellGithub(io.env, await summary(), command.outputs(known))
}

async function fail(error: unknown, trail: Trail, io: Io): Promise<ExitCode> {
  if (error instanceof OpsError && trail.invocation) {
    const { command, name } = trail.invocation
    await tellCi(
      io,
      command,
      error.known,
      async () => `### drizzle-ops ${name} failed\n\n${error.message}\n\n${error.hint}`,
    )
  }
  const asDocument = trail.format === 'json' || trail.format === 'ndjson'
  if (asDocument) io.stdout.write(failureDocument(error, trail))
  else io.stderr.write(await failureText(error))
  // a bug is not dressed up: its stack goes to stderr in every format
  if (asDocument && !(error instanceof OpsError)) io.stderr.write(await failureText(error))
  return error instanceof OpsError ? error.exit : 1
}
