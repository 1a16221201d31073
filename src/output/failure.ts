import type { DatabaseIdentity } from '../command.ts'
import { type ErrorPlace, OpsError } from '../errors.ts'
import type { Format } from './formats.ts'
import { visible } from './words.ts'

/** An error for people: what happened, where, what to type next. A bug keeps its stack. */
export function failureText(error: unknown): string {
  if (!(error instanceof OpsError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return `This is a bug in drizzle-ops. Please report it with what you typed:\n${stack}\n`
  }
  return [
    `error: ${lines(error.message)} [${error.code}${error.sqlstate ? `, SQLSTATE ${error.sqlstate}` : ''}]`,
    ...(error.where?.excerpt ? [excerpt(error.where)] : []),
    `  → ${lines(error.hint)}`,
    '',
  ].join('\n')
}

/** The same as the one JSON document of a failed run. */
export function failureDocument(
  error: unknown,
  format: Format,
  database: DatabaseIdentity | undefined,
): string {
  const facts =
    error instanceof OpsError
      ? {
          code: error.code,
          message: error.message,
          hint: error.hint,
          ...(error.sqlstate && { sqlstate: error.sqlstate }),
          ...(error.where && { where: place(error.where) }),
        }
      : {
          code: 'bug',
          message: error instanceof Error ? error.message : String(error),
          hint: 'Please report this with what you typed; the stack is on stderr.',
        }
  const known = error instanceof OpsError ? error.known : {}
  const document = { schemaVersion: 1, ...(database && { database }), ...known, error: facts }
  return `${JSON.stringify(document, null, format === 'json' ? 2 : undefined)}\n`
}

function place({ file, statement, line, column }: ErrorPlace): object {
  return { file, ...(statement && { statement }), ...(line && { line }), ...(column && { column }) }
}

function excerpt({ line, column, excerpt: text = '' }: ErrorPlace): string {
  const gutter = `${line ?? ''} | `
  const caret = ' '.repeat(Math.max(0, (column ?? 1) - 1))
  return `  ${gutter}${visible(text)}\n  ${' '.repeat(gutter.length)}${caret}^`
}

/** Messages may have several lines of ours; what came from outside in them stays harmless. */
function lines(text: string): string {
  return text.split('\n').map(visible).join('\n    ')
}
