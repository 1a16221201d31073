/** What a script may read from `$?`; the table is in the README. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130 | 143

/** The place in a file that an error speaks of. `line` and `column` count from 1. */
export interface ErrorPlace {
  readonly file: string
  readonly statement?: number
  readonly line?: number
  readonly column?: number
  /** The line itself with a caret below the column. */
  readonly excerpt?: string
}

export interface ErrorFacts {
  /** Stable, kebab-case, for scripts. */
  readonly code: string
  /** One sentence: what happened and why. */
  readonly message: string
  /** What to type or change next. */
  readonly hint: string
  readonly exit?: ExitCode
  readonly sqlstate?: string | undefined
  readonly where?: ErrorPlace | undefined
  readonly cause?: unknown
  /** The command's own keys as far as they are known when it fails, such as migrate's `applied`. */
  readonly known?: object
}

/** The one error that people are meant to read. Anything else that is thrown is a bug. */
export class OpsError extends Error {
  readonly code: string
  readonly hint: string
  readonly exit: ExitCode
  readonly sqlstate: string | undefined
  readonly where: ErrorPlace | undefined
  readonly known: object

  constructor(facts: ErrorFacts) {
    super(facts.message, { cause: facts.cause })
    this.name = 'OpsError'
    this.code = facts.code
    this.hint = facts.hint
    this.exit = facts.exit ?? 1
    this.sqlstate = facts.sqlstate
    this.where = facts.where
    this.known = facts.known ?? {}
  }
}

/** The same error told with other facts. */
export function altered(error: OpsError, changes: Partial<ErrorFacts>): OpsError {
  const { code, message, hint, exit, sqlstate, where, cause, known } = error
  return new OpsError({ code, message, hint, exit, sqlstate, where, cause, known, ...changes })
}

/** The same error with more of the command's own keys for its document. */
export function knowing(error: OpsError, known: object): OpsError {
  return altered(error, { known: { ...error.known, ...known } })
}
