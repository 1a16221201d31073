import type { DatabaseIdentity } from '../command.ts'
import type { Explanation, ServerError } from '../explain.ts'
import { sentence } from '../sentence.ts'
import { grantHint } from './grant.ts'

/** What a server reports of a statement: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function explainSqlState(
  error: ServerError,
  session: DatabaseIdentity | undefined,
  statement = '',
): Explanation {
  const said = sentence(error.message)
  if (error.severity === 'FATAL' || error.severity === 'PANIC') {
    return [
      'connection-lost',
      `The server ended the session: ${said}`,
      "Look into the server's log, then run the command again: what was not committed has been rolled back.",
      3,
    ]
  }
  switch (error.code) {
    case '42501':
      return [
        'permission-denied',
        `The database refuses: ${said}`,
        grantHint(error.message, session?.user, `${error.query ?? statement}\n${error.where ?? ''}`) ??
          error.hint ??
          'Grant the missing privilege, or connect as a role that has it.',
        1,
      ]
    case '25006':
      return [
        'read-only',
        `The database takes no writes: ${said}`,
        'If it is a standby, connect to the primary; else see default_transaction_read_only of the role and the database.',
        1,
      ]
    case '53100':
      return [
        'disk-full',
        `The server's disk is full: ${said}`,
        'Free space on the server, then run the command again: the open transaction was rolled back.',
        1,
      ]
    case '55P03':
      return [
        'lock-timeout',
        `A lock could not be had in time: ${said}`,
        'Try again when the session that holds it is done, or wait longer with --lock-timeout (migrate: --lock-wait).',
        5,
      ]
    case '40P01':
      return [
        'deadlock',
        `Another session and this one waited for each other: ${said}`,
        'Run the command again.',
        5,
      ]
    case '57014':
      return explainCancel(error.message, said)
    case '42601':
      return [
        'syntax-error',
        `PostgreSQL cannot parse a statement: ${said}`,
        'Correct the statement, then run the command again.',
        1,
      ]
    default:
      return [
        'sql-error',
        `PostgreSQL reports: ${said}`,
        error.hint ?? `SQLSTATE ${error.code} is explained in PostgreSQL's appendix A.`,
        1,
      ]
  }
}

function explainCancel(message: string, said: string): Explanation {
  return message.includes('user request')
    ? [
        'statement-cancelled',
        `Somebody cancelled a statement: ${said}`,
        'Ask who called pg_cancel_backend, then run the command again.',
        1,
      ]
    : [
        'statement-timeout',
        `A statement was cancelled: ${said}`,
        'Allow more time with --statement-timeout, or see what it waits for.',
        1,
      ]
}
