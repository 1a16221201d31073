import { Console } from 'node:console'
import type { Readable, Writable } from 'node:stream'
import { type Invocation, parse } from './cli.ts'
import type { Command, Context, DatabaseIdentity } from './command.ts'
import { type ExitCode, OpsError } from './errors.ts'
import { explain } from './explain.ts'
import { interruptedBy, type SignalSource, stopped } from './interruption.ts'
import type { Globals } from './options.ts'
import { failureDocument, failureText } from './output/failure.ts'
import { FORMATS, type Format } from './output/formats.ts'
import { type Narrator, narrator } from './output/narrator.ts'
import { paperOf } from './output/paper.ts'

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
  write(text: string): unknown
}

/** What the boundary learns while a command runs, for the document of its failure. */
interface Trail {
  format: Format
  invocation?: Invocation
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
    trail.invocation = invocation
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
  const narration = narrator(io, globals)
  const publish = async (result: object) => {
    narration.end()
    if (trail.streamed) return
    const { render } = await import('./output/render.ts')
    const document = { schemaVersion: 1, ...(trail.database && { database: trail.database }), ...result }
    io.stdout.write(
      await render(
        globals.format,
        { command: name, document, blocks: () => command.view(result) },
        paperOf(io.stdout, globals, io.env),
      ),
    )
  }
  const result = await withConsoleOn(io, () =>
    command.run(contextOf(io, globals, signal, narration, trail, publish), options),
  ).finally(narration.end)
  if (!result) return 0
  await publish(result)
  await tellCi(io, command, result, async () => {
    const { markdown } = await import('./output/markdown.ts')
    return `### drizzle-ops ${name}\n\n${markdown(command.view(result))}`
  })
  return command.exit?.(result) ?? 0
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
  if (argv.includes('--json')) return 'json'
  const words = argv.flatMap(word => (word.startsWith('--format=') ? word.split('=') : [word]))
  const named = words[words.indexOf('--format') + 1]
  return (words.includes('--format') && FORMATS.find(format => format === named)) || 'table'
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
