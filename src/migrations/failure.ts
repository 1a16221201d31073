import { type ErrorPlace, OpsError } from '../errors.ts'
import { explain, type ServerError, serverError } from '../explain.ts'
import type { Statement } from './script.ts'

/** duplicate_table, duplicate_object, duplicate_schema, duplicate_column */
const EXISTS_ALREADY = ['42P07', '42710', '42P06', '42701']
const LEADING_SPACE = /^\s*/

export interface FailedStatement {
  readonly file: string
  readonly text: string
  readonly statement: Statement
  /** Whether drizzle has recorded nothing in this database so far. */
  readonly withoutHistory: boolean
  /** The newest migration of the folder: what `baseline` would adopt. */
  readonly newest: string
}

/** A statement's failure with its place in the file. What no statement is to blame for stays as it is. */
export function migrationFailure(error: unknown, failed: FailedStatement): unknown {
  const fromServer = serverError(error)
  const explained = explain(error)
  if (!fromServer || !(explained instanceof OpsError) || explained.exit === 3) return explained
  const where = placeOf(fromServer, failed)
  const exists = failed.withoutHistory && EXISTS_ALREADY.includes(fromServer.code)
  return new OpsError({
    code: exists ? 'exists-already' : explained.code === 'sql-error' ? 'migration-failed' : explained.code,
    message: `${failed.file}, statement ${failed.statement.number}, line ${where.line}: ${sentence(fromServer)}`,
    hint: exists
      ? `The database has tables but no history: if it was made by push, drizzle-ops baseline ${failed.newest} records what is there.`
      : (fromServer.hint ?? hintOf(explained)),
    exit: explained.exit,
    sqlstate: fromServer.code,
    where,
    cause: error,
  })
}

function sentence({ message, detail }: ServerError): string {
  return detail ? `${message} (${detail})` : message
}

function hintOf(explained: OpsError): string {
  return explained.code === 'sql-error'
    ? 'The transaction was rolled back. Correct the statement and run drizzle-ops migrate again.'
    : explained.hint
}

/** The server counts characters from the start of what it was sent, from 1. */
function placeOf({ position }: ServerError, { file, text, statement }: FailedStatement): ErrorPlace {
  const inStatement = position
    ? [...statement.text].slice(0, Number(position) - 1).join('').length
    : (LEADING_SPACE.exec(statement.text)?.[0].length ?? 0)
  const before = text.slice(0, statement.offset + inStatement).split('\n')
  const column = [...(before.at(-1) ?? '')].length + 1
  const excerpt = text.split('\n')[before.length - 1]?.trimEnd()
  return { file, statement: statement.number, line: before.length, column, ...(excerpt && { excerpt }) }
}
