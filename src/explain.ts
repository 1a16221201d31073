import type { DatabaseIdentity } from './command.ts'
import { type ExitCode, OpsError } from './errors.ts'
import { placeOf } from './explain/attempt.ts'
import { explainOrm } from './explain/orm.ts'
import { explainSqlState } from './explain/sqlstate.ts'

/** What PostgreSQL reports: https://www.postgresql.org/docs/current/protocol-error-fields.html */
export interface ServerError extends Error {
  readonly code: string
  /** In English whatever the server speaks: FATAL and PANIC end the session. */
  readonly severity?: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
  readonly where?: string
  readonly routine?: string
  /** The statement, where the driver tells; what a function ran is in `where`. */
  readonly query?: string
}

export type Explanation = readonly [code: string, message: string, hint: string, exit: ExitCode]

const SQLSTATE = /^[0-9A-Z]{5}$/

/** What sockets and drivers say when the other side is gone. */
const GONE = [
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]

/** The server's own error, also from inside a DrizzleQueryError, whose message holds parameters. */
export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, cause } = error as Partial<ServerError> & Error
  if (error.name === 'PostgresError' && typeof code === 'string' && SQLSTATE.test(code))
    return error as ServerError
  return cause === undefined ? undefined : serverError(cause)
}

/**
 * Turns what a session's server or socket threw into an error for people; a bug stays as it is. What goes wrong
 * before there is a session is told by `explainConnection`. `statement` is for where the error does not hold it.
 */
export function explain(error: unknown, session?: DatabaseIdentity, statement?: string): unknown {
  if (error instanceof OpsError) return error
  const { code, name, cause } = (error ?? {}) as NodeJS.ErrnoException
  // what `sleep` and `fetch` throw when a signal fires holds the signal's own reason
  if (name === 'AbortError' && cause instanceof OpsError) return cause
  const fromServer = serverError(error)
  if (fromServer) return asOpsError(explainSqlState(fromServer, session, statement), error, fromServer.code)
  return GONE.includes(code ?? '') ? connectionLost(session, error) : (explainOrm(error) ?? error)
}

export function asOpsError(
  [code, message, hint, exit]: Explanation,
  cause: unknown,
  sqlstate?: string,
): OpsError {
  return new OpsError({ code, message, hint, exit, sqlstate, cause })
}

/** Thrown where the other side went away without a word in the middle of the work. */
export function connectionLost(session?: DatabaseIdentity, cause?: unknown): OpsError {
  return new OpsError({
    code: 'connection-lost',
    message: `The connection${session ? ` to ${placeOf(session)}` : ''} broke off while the command was at work.`,
    hint: "Look into the server's log, then run the command again: what was not committed has been rolled back.",
    exit: 3,
    cause,
  })
}
