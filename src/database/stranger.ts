import { deferred, type OpenSocket } from './socket.ts'

/**
 * The first byte of AuthenticationRequest, ErrorResponse, NoticeResponse and NegotiateProtocolVersion:
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const FIRST_BYTES = 'RENv'

/**
 * Rejects once the other side does not speak PostgreSQL's protocol, or goes. The driver would take a stranger's
 * words for lengths and wait for so many bytes, and misses what happens before it listens.
 */
export function untilStrange({ socket }: OpenSocket): Promise<never> {
  const { promise, reject } = deferred<never>()
  socket.once('data', (answer: Buffer) => {
    if (!FIRST_BYTES.includes(String.fromCharCode(answer[0] ?? 0))) reject(notPostgres())
  })
  socket.once('close', () => reject(connectionClosed()))
  socket.once('error', reject)
  return promise
}

/** Errors with a code, as Node's own are, for `explainConnection`. */
export function notPostgres(): Error {
  return Object.assign(new Error('The answer is not PostgreSQL’s.'), { code: 'NOT_POSTGRES' })
}

export function connectionClosed(): Error {
  return Object.assign(new Error('The socket was closed.'), { code: 'CONNECTION_CLOSED' })
}
