import { lastWords } from './last-words.ts'
import { deferred, type OpenSocket } from './socket.ts'

/**
 * The first byte of AuthenticationRequest, ErrorResponse, NoticeResponse and NegotiateProtocolVersion:
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const FIRST_BYTES = 'RENv'

/**
 * Rejects once the other side is gone, or turns out not to speak PostgreSQL's protocol. The driver would take a
 * stranger's words for lengths and wait for so many bytes; it misses what happens before it listens; and after a
 * loss it fails one query and lets the next wait for ever.
 */
export function untilLost({ socket }: OpenSocket): Promise<never> {
  const { promise, reject } = deferred<never>()
  // nobody need be waiting when a session ends as it should
  promise.catch(() => {})
  let last: Buffer = Buffer.alloc(0)
  socket.once('data', (answer: Buffer) => {
    if (!FIRST_BYTES.includes(String.fromCharCode(answer[0] ?? 0))) reject(notPostgres())
  })
  socket.on('data', (answer: Buffer) => {
    last = answer
  })
  socket.once('error', error => reject(lastWords(last) ?? error))
  socket.once('close', () => reject(lastWords(last) ?? connectionClosed()))
  return promise
}

/** Errors with a code, as Node's own are, for `explainConnection`. */
export function notPostgres(): Error {
  return Object.assign(new Error('The answer is not PostgreSQL’s.'), { code: 'NOT_POSTGRES' })
}

export function connectionClosed(): Error {
  return Object.assign(new Error('The socket was closed.'), { code: 'CONNECTION_CLOSED' })
}
