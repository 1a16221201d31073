import { quoted } from '../database/identifier.ts'
import type { Explanation, ServerError } from '../explain.ts'
import { sentence } from '../sentence.ts'
import { type Attempt, placeOf } from './attempt.ts'

/** Why a server did not let us in: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function explainRefusal(error: ServerError, attempt: Attempt): Explanation {
  const { address, target } = attempt
  const { user, database, source } = target
  const said = sentence(error.message)
  switch (error.code) {
    case '28P01':
      return explainPassword(attempt)
    case '28000':
      return explainRole(error.message, said, attempt)
    case '3D000':
      return [
        'database-unknown',
        `There is no database ${database} on ${placeOf(address)}.`,
        `Correct the name in ${source}, or let drizzle-ops migrate --create-database make it.`,
        3,
      ]
    case '42501':
      return [
        'not-allowed',
        `The server does not let ${user} into the database ${database}: ${said}`,
        `As its owner: GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(user)}.`,
        3,
      ]
    case '53300':
      return [
        'too-many-connections',
        `The server has no connection left for ${user}: ${said}`,
        'Close idle sessions, or raise the limit (max_connections, or CONNECTION LIMIT of the role or the database); drizzle-ops itself needs one.',
        3,
      ]
    case '57P03':
      return explainNotReady(error.message, said)
    default:
      return [
        'not-allowed',
        `The server does not let ${user} in: ${said}`,
        "See the server's log, and what its pg_hba.conf asks of this user, database and address.",
        3,
      ]
  }
}

function explainPassword({ target }: Attempt): Explanation {
  const { user, source } = target
  return target.password() === undefined
    ? [
        'password-missing',
        `The server asks for the password of the user ${user}, and none was given.`,
        `Write it into ${source}, set PGPASSWORD, or add a line to ~/.pgpass.`,
        3,
      ]
    : [
        'wrong-password',
        `The server refuses the user ${user} with this password.`,
        `Correct the user or the password in ${source}; one that is not in there came from PGPASSWORD or ~/.pgpass.`,
        3,
      ]
}

function explainRole(message: string, said: string, { target: { user, source } }: Attempt): Explanation {
  if (message.includes('does not exist')) {
    return [
      'role-unknown',
      `There is no role ${user} on the server.`,
      `Correct the user in ${source}, or create it: CREATE ROLE ${quoted(user)} LOGIN.`,
      3,
    ]
  }
  if (message.includes('not permitted to log in')) {
    return [
      'not-allowed',
      `The role ${user} may not log in.`,
      `As a superuser: ALTER ROLE ${quoted(user)} LOGIN, or name another user in ${source}.`,
      3,
    ]
  }
  if (message.includes('no encryption') || message.includes('SSL off')) {
    return [
      'tls-required',
      `The server does not let ${user} in without TLS: ${said}`,
      `Add ?sslmode=require to the URL from ${source} (ssl: 'require' in dbCredentials); if it still refuses, its pg_hba.conf has no line for this user, database and address.`,
      3,
    ]
  }
  return [
    'not-allowed',
    `The server does not let ${user} in: ${said}`,
    "See what the server's pg_hba.conf asks of this user, database and address.",
    3,
  ]
}

function explainNotReady(message: string, said: string): Explanation {
  return message.includes('shutting down')
    ? [
        'server-stopping',
        `The server is going: ${said}`,
        'Start it again; drizzle-ops wait waits until it answers.',
        3,
      ]
    : [
        'server-starting',
        `The server takes no connections yet: ${said}`,
        'Try again in a moment, or let drizzle-ops wait stand before this command.',
        3,
      ]
}
