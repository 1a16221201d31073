import { OpsError } from '../errors.ts'
import { asOpsError, type Explanation, serverError } from '../explain.ts'
import { type Attempt, placeOf } from './attempt.ts'
import { explainRefusal } from './refusal.ts'
import { explainTls } from './tls.ts'

/** Turns what stood in the way of a session into an error for people; a bug stays as it is. */
export function explainConnection(error: unknown, attempt: Attempt): unknown {
  if (error instanceof OpsError) return error
  const fromServer = serverError(error)
  if (fromServer) return asOpsError(explainRefusal(fromServer, attempt), error, fromServer.code)
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException
  if (typeof code !== 'string') return error
  const explanation = explainTls(error as NodeJS.ErrnoException, attempt) ?? explainSocket(code, attempt)
  if (explanation) return asOpsError(explanation, error)
  // Node's own ERR_… tell of a wrong call, which is a bug
  return code.startsWith('ERR_') ? error : asOpsError(unknownFailure(message, attempt), error)
}

function explainSocket(code: string, { address, target: { source } }: Attempt): Explanation | undefined {
  const at = placeOf(address)
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return [
        'connection-refused',
        `Nothing listens at ${at}.`,
        `Start PostgreSQL there, or correct the host and the port in ${source}.`,
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
        `The host name ${address.host} cannot be resolved.`,
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
    case 'NOT_POSTGRES':
      return [
        'not-postgres',
        `What answers at ${at} is not a PostgreSQL server.`,
        `Correct the host and the port in ${source}.`,
        3,
      ]
    case 'ECONNRESET':
    case 'EPIPE':
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_DESTROYED':
    case 'CONNECTION_ENDED':
      return [
        'connection-lost',
        `What answers at ${at} closed the connection before a session began.`,
        'See whether it is a PostgreSQL server and what its log says, then try again.',
        3,
      ]
    default:
      return undefined
  }
}

function unknownFailure(said: string, { address, target }: Attempt): Explanation {
  return [
    'connection-failed',
    `There is no connection to ${placeOf(address)}: ${said}.`,
    `Check the host and the port in ${target.source}.`,
    3,
  ]
}
