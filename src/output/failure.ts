import type { DatabaseIdentity } from '../command.ts'
import { type ErrorPlace, OpsError } from '../errors.ts'
import { redact } from './redact.ts'
import { measureFor } from './width.ts'
import { visible } from './words.ts'

/** Characters of a line that are shown around the place of an error. */
const WINDOW = 120

/** An error for people: what happened, where, what to type next. A bug keeps its stack. */
export async function failureText(error: unknown): Promise<string> {
  if (!(error instanceof OpsError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return `This is a bug in drizzle-ops. Please report it with what you typed:\n${redact(stack)}\n`
  }
  return [
    `error: ${lines(error.message)} [${error.code}${error.sqlstate ? `, SQLSTATE ${error.sqlstate}` : ''}]`,
    ...(error.where?.excerpt ? [await excerpt(error.where)] : []),
    `  → ${lines(error.hint)}`,
    '',
  ].join('\n')
}

/** What was known when the error came. */
export interface FailureContext {
  readonly format: string
  readonly database?: DatabaseIdentity
  /** Events came before it, so it is the last of them. */
  readonly streamed?: boolean
}

/** The same as the one JSON document of a failed run. */
export function failureDocument(error: unknown, { format, database, streamed }: FailureContext): string {
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
  const document = {
    ...(streamed && { event: 'failed' }),
    schemaVersion: 1,
    ...(database && { database }),
    ...known,
    error: facts,
  }
  return `${redact(JSON.stringify(document, null, format === 'json' ? 2 : undefined))}\n`
}

function place({ file, statement, line, column }: ErrorPlace): object {
  return { file, ...(statement && { statement }), ...(line && { line }), ...(column && { column }) }
}

/** The line with a caret below the column; of a long line the part around it. */
async function excerpt({ line, column = 1, excerpt: text = '' }: ErrorPlace): Promise<string> {
  const characters = [...text]
  const start = Math.max(0, Math.min(column - 1 - WINDOW / 2, characters.length - WINDOW))
  const end = start + WINDOW
  const before = (start > 0 ? '…' : '') + shown(characters.slice(start, column - 1))
  const after = shown(characters.slice(column - 1, end)) + (end < characters.length ? '…' : '')
  const gutter = `${line ?? ''} | `
  const width = (await measureFor([before]))(before)
  return `  ${gutter}${before}${after}\n  ${' '.repeat(gutter.length + width)}^`
}

function shown(characters: readonly string[]): string {
  return visible(redact(characters.join('')))
}

/** Messages may have several lines of ours; what came from outside in them stays harmless. */
function lines(text: string): string {
  return redact(text).split('\n').map(visible).join('\n    ')
}
