import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { Address, Tls } from '../project/target.ts'
import { isLocal } from '../project/tls.ts'
import { encrypted } from './encrypted.ts'

/** How long each step to the server took, in milliseconds; null where there was no such step. */
export interface Phases {
  dns: number | null
  tcp: number | null
  tls: number | null
}

export interface OpenSocket {
  readonly socket: Socket
  readonly address: Address
  readonly phases: Phases
  readonly encrypted: boolean
}

/**
 * One socket to one address, encrypted as asked, ready for the startup message. Our own rather than the
 * driver's: it fails in words of its own at each step (postgres.js 3.4.9 waits for ever where a server
 * without TLS is asked for it) and each step is timed.
 */
export async function openSocket(address: Address, tls: Tls, signal: AbortSignal): Promise<OpenSocket> {
  const clock = stopwatch()
  const isSocketDirectory = address.host.startsWith('/')
  const found = isSocketDirectory || isIP(address.host) ? null : await resolved(address.host, signal)
  const dns = found === null ? null : clock()
  const socket = await connected(
    isSocketDirectory
      ? connectTcp({ path: `${address.host}/.s.PGSQL.${address.port}` })
      : tcp(address, found ?? []),
    signal,
  )
  const phases: Phases = { dns, tcp: clock(), tls: null }
  if (tls.mode === 'disable') return { socket, address, phases, encrypted: false }
  const secure = await encrypted(socket, address, tls, signal)
  return {
    socket: secure ?? socket,
    address,
    phases: { ...phases, tls: clock() },
    encrypted: secure !== undefined,
  }
}

/** Local names go to IPv4 first: PostgreSQL's default listens on both, many containers on IPv4 only. */
async function resolved(host: string, signal: AbortSignal): Promise<LookupAddress[]> {
  const order = isLocal(host) ? ({ order: 'ipv4first' } as const) : {}
  return unlessAborted(lookup(host, { ...order, all: true }), signal)
}

/** Milliseconds after which the next address of a name is tried; a good one may be far away, a bad one never answers. */
const PATIENCE = 2000

/** To the first address that answers, as libpq goes: many networks resolve IPv6 and do not carry it. */
function tcp({ host, port }: Address, found: LookupAddress[]): Socket {
  return connectTcp({
    host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: PATIENCE,
    ...(found.length > 0 && { lookup: (_name, _options, done) => done(null, found) }),
  })
}

async function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = deferred<Socket>()
  socket.once('connect', () => resolve(socket))
  socket.once('error', reject)
  try {
    return await unlessAborted(promise, signal)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    socket.removeAllListeners('connect')
    socket.removeAllListeners('error')
  }
}

/** The promise, or the signal's reason as soon as the signal fires. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = deferred<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

/** `Promise.withResolvers` of Node 22. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const elapsed = now - last
    last = now
    return elapsed
  }
}
