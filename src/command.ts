import type { Readable, Writable } from 'node:stream'
import type { Command as Cli } from 'commander'
import type { ExitCode } from './errors.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Globals } from './options.ts'
import type { Block } from './output/blocks.ts'
import type { Report } from './output/report.ts'

export type { Cli }

/** Which database a command spoke to, and which place named it. Part of every document. */
export interface DatabaseIdentity {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly source: string
}

/** Everything that a command may know of the world around it. Nothing in here is a terminal. */
export interface Context {
  readonly globals: Globals
  readonly cwd: string
  /** The process's environment; env files of the project are added to it when the project is loaded. */
  readonly env: NodeJS.ProcessEnv
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  readonly report: Report
  /** Where `--metrics` asks for them. */
  readonly metrics?: Metrics | undefined
  readStandardInput(): Promise<string>
  /** Standard input as bytes, for what is too long to be read at once. */
  input(): Readable
  /** Standard output as bytes, for commands whose result is not a document: they return nothing. */
  output(): Writable
  /** Asks a person; undefined where nobody is there to answer. */
  ask(question: string): Promise<string | undefined>
  /** Told once a server has let us in, so that even a failure's document can name it. */
  reached(database: DatabaseIdentity): void
  /** One step of the work, as a line of its own with `--format ndjson`. */
  event(event: object): void
  /** Prints a result now: for commands that go on running, which then return nothing. */
  publish(result: object): Promise<void>
  /**
   * Shows a result in place of the last one: on a terminal's other screen, as a JSON line elsewhere.
   * False where nobody reads any more: `| head` has closed the pipe.
   */
  refresh(result: object): Promise<boolean>
}

/** As a method, so that a command of any result fits where the result is not known. */
interface Drawing<Result> {
  text(result: Result): string
}

/**
 * One subcommand. `Options` holds its flags and its arguments under their names;
 * `Result` is the JSON document less `schemaVersion` and `database`.
 */
export interface Command<Options extends object = object, Result extends object = object> {
  /** Declares flags and arguments, nothing else. */
  options(cli: Cli): void
  /** The result, or undefined where it has been published. */
  run(context: Context, options: Options): Promise<Result | undefined>
  /** The same value, for people. The first table is what csv and ndjson hold. */
  view(result: Result): Block[]
  /** Formats that only this command has, beside the usual ones: the text for each, ending with a newline. */
  readonly formats?: Readonly<Record<string, Drawing<Result>['text']>>
  /** What a CI step tells the steps after it, also of what is known of a failed run. */
  outputs?(result: Partial<Result>): Record<string, string | number>
  /** Only for findings: a failure is thrown. */
  exit?(result: Result): ExitCode
}

/** What `--help` needs to know of a command; its body is imported when it runs. */
export interface CommandEntry {
  /** One word, or two where the first names a group: `archive inspect`. */
  readonly name: string
  readonly summary: string
  load(): Promise<Command>
}
