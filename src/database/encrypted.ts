import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { OpsError } from '../errors.ts'
import { placeOf } from '../explain/attempt.ts'
import type { Address, Tls } from '../project/target.ts'
import { deferred, unlessAborted } from './socket.ts'
import { connectionClosed, notPostgres } from './stranger.ts'

/** SSLRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * TLS over a connected socket, or undefined where the server has none and it was only preferred.
 * Throws OpsError `tls-refused`, or the handshake's own error.
 */
export async function encrypted(
  socket: Socket,
  address: Address,
  tls: Exclude<Tls, { mode: 'disable' }>,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  try {
    if (!(await offersTls(socket, signal))) {
      if (tls.mode === 'prefer') return undefined
      throw tlsRefused(address)
    }
    return await handshake(socket, address, tls, signal)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function offersTls(socket: Socket, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = deferred<Buffer>()
  const closed = () => reject(connectionClosed())
  socket.once('data', resolve)
  socket.once('error', reject)
  socket.once('close', closed)
  socket.write(SSL_REQUEST)
  try {
    const answer = (await unlessAborted(promise, signal)).toString('latin1')
    // more than one byte is a stranger, or somebody in between who slips in words of his own (CVE-2021-23222)
    if (answer !== 'S' && answer !== 'N') throw notPostgres()
    return answer === 'S'
  } finally {
    socket.pause()
    socket.removeAllListeners('data')
    socket.off('error', reject)
    socket.off('close', closed)
  }
}

async function handshake(
  socket: Socket,
  { host }: Address,
  tls: Exclude<Tls, { mode: 'disable' }>,
  signal: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = deferred<Socket>()
  const secure = connectTls({ socket, host, ...(isIP(host) ? {} : { servername: host }), ...tls.options })
  secure.once('secureConnect', () => resolve(secure))
  secure.once('error', reject)
  try {
    return await unlessAborted(promise, signal)
  } finally {
    secure.removeAllListeners('secureConnect')
    secure.off('error', reject)
  }
}

function tlsRefused(address: Address): OpsError {
  return new OpsError({
    code: 'tls-refused',
    message: `The server at ${placeOf(address)} does not offer TLS, and this connection demands it.`,
    hint: 'Turn TLS on in the server, or, on a network that you trust, write ?sslmode=prefer (ssl: false in dbCredentials).',
    exit: 3,
  })
}
