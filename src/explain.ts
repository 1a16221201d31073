import { type ExitCode, OpsError } from './errors.ts'
import type { Address, Target } from './project/target.ts'

/** The server and the credentials that were being tried when a connection failed. */
export interface Attempt {
  readonly address: Address
  readonly target: Target
}

/** What PostgreSQL reports: https://www.postgresql.org/docs/current/protocol-error-fields.html */
export interface ServerError extends Error {
  readonly code: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
  readonly where?: string
  readonly routine?: string
}

type Explanation = readonly [code: string, message: string, hint: string, exit: ExitCode]

const SQLSTATE = /^[0-9A-Z]{5}$/

/** The server's own error, also from inside a DrizzleQueryError, whose message holds parameters. */
export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, cause } = error as Partial<ServerError> & Error
  if (error.name === 'PostgresError' && typeof code === 'string' && SQLSTATE.test(code))
    return error as ServerError
  return cause === undefined ? undefined : serverError(cause)
}

/** Turns what a server, a socket or a file system threw into an error for people; a bug stays as it is. */
export function explain(error: unknown, attempt?: Attempt): unknown {
  if (error instanceof OpsError) return error
  const fromServer = serverError(error)
  const explanation = fromServer ? explainSqlState(fromServer, attempt) : explainSystem(error, attempt)
  if (!explanation) return error
  const [code, message, hint, exit] = explanation
  return new OpsError({ code, message, hint, exit, sqlstate: fromServer?.code, cause: error })
}

function explainSystem(error: unknown, attempt: Attempt | undefined): Explanation | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (typeof code !== 'string' || !attempt) return undefined
  const { host, port } = attempt.address
  const at = host.startsWith('/') ? `the socket ${host}/.s.PGSQL.${port}` : `${host}:${port}`
  const source = attempt.target.source
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return [
        'connection-refused',
        `Nothing listens at ${at}.`,
        `Start PostgreSQL there, or correct the URL from ${source}.`,
        3,
      ]
    case 'EACCES':
      return [
        'connection-refused',
        `This user may not open ${at}.`,
        'Connect over TCP (a host name), or let this user into the folder.',
        3,
      ]
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        'host-unknown',
        `The host name ${host} cannot be resolved.`,
        `Correct the host in ${source}, or check the network's name service.`,
        3,
      ]
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [
        'host-unreachable',
        `There is no way to ${at} (${code}).`,
        `Check the network and the firewall, or correct the host in ${source}.`,
        3,
      ]
    case 'ECONNRESET':
    case 'EPIPE':
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_DESTROYED':
    case 'CONNECTION_ENDED':
      return [
        'connection-lost',
        `The connection to ${at} was closed by the other side.`,
        'See whether a PostgreSQL server answers there and what its log says, then try again.',
        3,
      ]
    default:
      return isCertificateError(code)
        ? [
            'certificate-not-trusted',
            `The certificate of ${at} is not trusted (${code}).`,
            `Give its authority's certificate with sslrootcert=ca.pem (ssl: { ca } in dbCredentials).`,
            3,
          ]
        : undefined
  }
}

function isCertificateError(code: string): boolean {
  return (
    code.includes('CERT') ||
    code.includes('SELF_SIGNED') ||
    code.includes('VERIFY') ||
    code.startsWith('ERR_SSL') ||
    code.startsWith('ERR_TLS')
  )
}

function explainSqlState(error: ServerError, attempt: Attempt | undefined): Explanation {
  const said = error.message
  const source = attempt?.target.source ?? 'the URL'
  switch (error.code) {
    case '28P01':
      return [
        'wrong-password',
        `The server refuses the password of the user ${attempt?.target.user}.`,
        `Correct the user or the password in ${source}.`,
        3,
      ]
    case '28000':
      return explainRefusal(said, source, attempt)
    case '3D000':
      return [
        'database-unknown',
        `There is no database ${attempt?.target.database} on ${attempt?.address.host}:${attempt?.address.port}.`,
        `Correct the name in ${source}, or let drizzle-ops migrate --create-database make it.`,
        3,
      ]
    case '53300':
      return [
        'too-many-connections',
        `The server has no connection left (${said}).`,
        'Close idle sessions, or raise max_connections; drizzle-ops itself needs one.',
        3,
      ]
    case '57P03':
      return [
        'server-starting',
        `The server does not accept connections yet: ${said}.`,
        'Try again, or let drizzle-ops wait stand before this command.',
        3,
      ]
    case '57P01':
    case '57P02':
    case '57P05':
    case '08006':
      return [
        'connection-lost',
        `The server ended the session: ${said}.`,
        "Look into the server's log, then run the command again: what was not committed has been rolled back.",
        3,
      ]
    case '42501':
      return ['permission-denied', `The database refuses: ${said}.`, permissionHint(said), 1]
    case '25006':
      return [
        'read-only',
        `The database takes no writes: ${said}.`,
        'This is a standby, or default_transaction_read_only is on: connect to the primary.',
        1,
      ]
    case '53100':
      return [
        'disk-full',
        `The server's disk is full: ${said}.`,
        'Free space on the server, then run the command again: the open transaction was rolled back.',
        1,
      ]
    case '55P03':
      return [
        'lock-timeout',
        `A lock could not be had in time: ${said}.`,
        'Try again when the blocking session is done, or wait longer with --lock-timeout.',
        5,
      ]
    case '57014':
      return [
        'statement-timeout',
        `A statement was cancelled: ${said}.`,
        'Allow more time with --statement-timeout, or see what it waits for.',
        1,
      ]
    case '42601':
      return ['syntax-error', `PostgreSQL cannot parse a statement: ${said}.`, 'Correct the statement.', 1]
    default:
      return [
        'sql-error',
        `PostgreSQL reports: ${said}.`,
        error.hint ?? `SQLSTATE ${error.code} is explained in PostgreSQL's appendix A.`,
        1,
      ]
  }
}

function explainRefusal(said: string, source: string, attempt: Attempt | undefined): Explanation {
  if (said.includes('does not exist')) {
    return [
      'role-unknown',
      `There is no role ${attempt?.target.user} on the server.`,
      `Correct the user in ${source}, or create it: CREATE ROLE … LOGIN.`,
      3,
    ]
  }
  if (said.includes('no encryption') || said.includes('SSL off')) {
    return [
      'tls-required',
      `The server lets ${attempt?.target.user} in over TLS only.`,
      `Add ?sslmode=require to the URL from ${source} (ssl: 'require' in dbCredentials).`,
      3,
    ]
  }
  return [
    'not-allowed',
    `The server does not let us in: ${said}.`,
    "Add a line for this user, database and address to the server's pg_hba.conf.",
    3,
  ]
}

const SCHEMA_NAME = /schema (\S+)$/
const TABLE_NAME = /(?:table|relation) (\S+)$/

function permissionHint(said: string): string {
  const schema = SCHEMA_NAME.exec(said)?.[1]
  if (schema) return `As its owner: GRANT USAGE, CREATE ON SCHEMA ${schema} TO this user.`
  const table = TABLE_NAME.exec(said)?.[1]
  if (table) return `As its owner: GRANT SELECT, INSERT ON ${table} TO this user.`
  return 'Grant the missing privilege, or connect as a role that has it.'
}
