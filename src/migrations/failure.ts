import { altered, type ErrorPlace, OpsError } from '../errors.ts'
import { explain, type ServerError, serverError } from '../explain.ts'
import { sentence } from '../sentence.ts'
import type { ScriptMode, Statement } from './script.ts'

/** duplicate_table, duplicate_object, duplicate_schema, duplicate_column */
const EXISTS_ALREADY = ['42P07', '42710', '42P06', '42701']
const LEADING_SPACE = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/

export interface FailedStatement {
  /** The migration's; undefined of a way back. */
  readonly name?: string
  readonly file: string
  readonly text: string
  readonly mode: ScriptMode
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
    message: `${failed.file}, statement ${failed.statement.number}, line ${where.line}: ${sentence(saidOf(fromServer))}`,
    hint: exists
      ? `The database has tables but no history: if it was made by push, drizzle-ops baseline ${failed.newest} records what is there.`
      : (fromServer.hint ?? hintOf(explained, failed)),
    exit: explained.exit,
    sqlstate: fromServer.code,
    where,
    cause: error,
  })
}

/** What only COMMIT finds out, such as a deferred constraint, is no statement's fault. */
export function commitFailure(error: unknown, file: string): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError) || explained.where || explained.exit === 3) return explained
  if (explained.sqlstate === undefined) return explained
  return altered(explained, { message: `${file}, at its end: ${explained.message}`, where: { file } })
}

function saidOf({ message, detail }: ServerError): string {
  return detail ? `${message} (${detail})` : message
}

/** active_sql_transaction, and invalid_transaction_termination where a procedure commits */
const REFUSES_TRANSACTION = ['25001', '2D000']
const CONCURRENTLY = /\bCONCURRENTLY\b/i

function hintOf({ code, sqlstate = '', hint }: OpsError, failed: FailedStatement): string {
  const { mode, statement, name } = failed
  if (mode === 'file' && REFUSES_TRANSACTION.includes(sqlstate))
    return 'Make -- drizzle-ops: no-transaction the first line of the file, so that it runs outside a transaction.'
  if (code !== 'sql-error') return hint
  if (mode === 'file' && name !== undefined && EXISTS_ALREADY.includes(sqlstate))
    return `The transaction was rolled back. If push has made all of this file already, drizzle-ops repair --mark-applied ${name} records it; else correct the statement.`
  if (mode === 'file')
    return 'The transaction was rolled back. Correct the statement and run drizzle-ops migrate again.'
  if (CONCURRENTLY.test(statement.text))
    return 'This file runs outside a transaction. Drop the invalid index that this may have left, and run drizzle-ops migrate again.'
  return 'This file runs outside a transaction: what stands before this statement may have taken effect. Correct the file so that it can run again, and run drizzle-ops migrate.'
}

interface StatementPlaceInFile extends Pick<FailedStatement, 'file' | 'text'> {
  readonly statement: Pick<Statement, 'text' | 'offset' | 'number'>
}

/** The server counts characters from the start of what it was sent, from 1. */
export function placeOf(
  { position }: ServerError,
  { file, text, statement }: StatementPlaceInFile,
): ErrorPlace {
  const inStatement = position
    ? [...statement.text].slice(0, Number(position) - 1).join('').length
    : (LEADING_SPACE.exec(statement.text)?.[0].length ?? 0)
  const before = text.slice(0, statement.offset + inStatement).split('\n')
  const column = [...(before.at(-1) ?? '')].length + 1
  const excerpt = text.split('\n')[before.length - 1]?.trimEnd()
  return { file, statement: statement.number, line: before.length, column, ...(excerpt && { excerpt }) }
}
