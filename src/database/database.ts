import type { Context, DatabaseIdentity } from '../command.ts'
import { explain } from '../explain.ts'
import type { Target } from '../project/target.ts'
import type { Bulk } from './bulk.ts'
import { type Connection, connect, type SessionFacts, type Sql } from './connect.ts'
import { withoutLiterals } from './identifier.ts'
import { findPooler, type Pooler } from './pooler.ts'
import { applySettings, type SessionSettings } from './settings.ts'
import type { Phases } from './socket.ts'

/** The one working connection of a command. Made by `withDatabase` only. */
export interface Database extends Bulk {
  readonly identity: DatabaseIdentity
  readonly server: SessionFacts & {
    /** Version that people know, such as 18. */
    readonly major: number
    readonly encrypted: boolean
    readonly pooler: Pooler
    readonly phases: Phases & { readonly startup: number }
  }
  /** For identifiers and fragments only: `sql('name')` quotes. */
  readonly sql: Sql
  readonly settings: SessionSettings
  /** One statement with bound parameters. */
  query<Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<Row[]>
  /** The same, for how many rows it changes. */
  change(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<number>
  /** Told of statements that others send over `sql`, as Drizzle does. */
  answered(text: string, ms: number): void
  /** A second, read-only session on the same server, to see who blocks this one and whom it blocks. */
  beside<T>(work: (watcher: Database) => Promise<T>): Promise<T>
  /**
   * SQL text as it is, any number of statements, over the simple protocol. Never holds a foreign value but as a
   * `literal`; then `shown` is what `--verbose` tells instead.
   */
  script(text: string, shown?: string): Promise<ScriptResult>
}

/** The rows of a single statement and how many it returned or changed, or an array of rows for each of several. */
export type ScriptResult = readonly unknown[] & { readonly count?: number }

export interface DatabaseOptions {
  /** The command's name, for `application_name`. */
  readonly command: string
  readonly settings: SessionSettings
}

/** A watcher must never be what others wait for. */
const WATCHING: SessionSettings = { statementTimeout: 5000, lockTimeout: 100, readOnly: true }

/**
 * Opens the working connection, runs `work`, and closes it whatever happens. When the context's signal
 * fires, the running statement is cancelled, so that `work` unwinds and rolls back.
 * Throws OpsError, exit 3, where the server cannot be reached or lets us not in.
 */
export async function withDatabase<T>(
  context: Context,
  target: Target,
  options: DatabaseOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const connection = await connect(target, {
    applicationName: `drizzle-ops ${options.command}`,
    timeout: context.globals.connectTimeout,
    signal: context.signal,
    notice: context.report.notice,
  })
  context.metrics?.opened()
  const interrupt = () => interrupted(connection)
  context.signal.addEventListener('abort', interrupt)
  try {
    context.reached(connection.identity)
    const pooler = await findPooler(connection, target, context)
    await applySettings(connection, options.settings, pooler)
    return await work(databaseOn(connection, pooler, target, options, context))
  } finally {
    context.signal.removeEventListener('abort', interrupt)
    context.metrics?.closed()
    await connection.close(context.signal.aborted ? 500 : 5000)
  }
}

/** A statement that cannot be cancelled (the network is gone, say) must not keep a stopped process alive. */
function interrupted(connection: Connection): void {
  connection.cancel().catch(() => connection.destroy())
  setTimeout(() => connection.destroy(), 3000).unref()
}

function databaseOn(
  connection: Connection,
  pooler: Pooler,
  target: Target,
  { command, settings }: DatabaseOptions,
  context: Context,
): Database {
  const { sql, facts, identity, lost, phases, startup } = connection
  const bulk = { signal: context.signal, notice: context.report.notice }
  const answered = (text: string, ms: number) => {
    context.report.sql(text, ms)
    context.metrics?.query(text, ms)
  }
  const timed = async <T>(text: string, answer: PromiseLike<T>): Promise<T> => {
    const started = performance.now()
    try {
      return await Promise.race([answer, lost])
    } catch (error) {
      throw explain(error, identity, text)
    } finally {
      answered(withoutLiterals(text), performance.now() - started)
    }
  }
  const send = <Row extends object>(strings: TemplateStringsArray, values: readonly unknown[]) =>
    timed(strings.join('$'), sql<Row[]>(strings, ...(values as never[])))
  return {
    identity,
    server: {
      ...facts,
      major: Math.floor(facts.versionNumber / 10_000),
      encrypted: connection.encrypted,
      pooler,
      phases: { ...phases, startup },
    },
    sql,
    settings,
    answered,
    query: async <Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) =>
      send<Row>(strings, values),
    change: async (strings, ...values) => (await send(strings, values)).count,
    beside: work =>
      withDatabase(context, target, { command: `${command} watcher`, settings: WATCHING }, work),
    // COPY answers with nothing at all
    script: async (text, shown = text) => (await timed(shown, sql.unsafe(text).simple())) ?? [],
    copyOut: async (statement, take) => {
      const { copyOut } = await import('./bulk.ts')
      return timed(statement, copyOut(connection, statement, take, bulk))
    },
    copyIn: async (statement, source) => {
      const { copyIn } = await import('./bulk.ts')
      return timed(statement, copyIn(connection, statement, source, bulk))
    },
  }
}
