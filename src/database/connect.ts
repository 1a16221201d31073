import type { Socket } from 'node:net'
import type postgres from 'postgres'
import type { DatabaseIdentity } from '../command.ts'
import { OpsError } from '../errors.ts'
import { placeOf } from '../explain/attempt.ts'
import { explainConnection } from '../explain/connection.ts'
import type { Address, SessionAttrs, Target } from '../project/target.ts'
import { driver } from './driver.ts'
import { type OpenSocket, openSocket, type Phases, unlessAborted } from './socket.ts'
import { untilLost } from './stranger.ts'

export type Sql = postgres.Sql

/** One open session on one server. */
export interface Connection {
  readonly sql: Sql
  /** The driver's, between whose queries COPY borrows it. */
  readonly socket: Socket
  readonly identity: DatabaseIdentity
  readonly address: Address
  readonly phases: Phases
  readonly encrypted: boolean
  /** Milliseconds for authentication and the first answer. */
  readonly startup: number
  readonly facts: SessionFacts
  /** The process id that the server named at start-up: a pooler's own where one stands between. */
  readonly announcedPid: number
  /** Rejects when the connection breaks off; the driver does not always tell. */
  readonly lost: Promise<never>
  /** Asks the server to stop what it is doing for this session. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS */
  cancel(): Promise<void>
  /** Ends the session politely, or within `grace` milliseconds. */
  close(grace?: number): Promise<void>
  /** Drops the socket: the last resort. */
  destroy(): void
}

/** What the first query of every session tells. */
export interface SessionFacts {
  readonly pid: number
  /** 180004 for 18.4. */
  readonly versionNumber: number
  readonly version: string
  /** Windows cannot tell while a statement runs that its client has gone, and refuses to be asked to. */
  readonly onWindows: boolean
  readonly inRecovery: boolean
  readonly readOnly: boolean
}

export interface ConnectOptions {
  readonly applicationName: string
  readonly timeout: number
  readonly signal: AbortSignal
  /** Told what the server remarks, such as `relation "users" already exists, skipping`. */
  notice?(text: string): void
}

/** Connects to the first address of the target that answers and has the wanted role. */
export async function connect(target: Target, options: ConnectOptions): Promise<Connection> {
  let failure: unknown
  for (const address of target.addresses) {
    try {
      const connection = await connectTo(address, target, options)
      if (fits(connection.facts, target.sessionAttrs)) return connection
      await connection.close()
      failure = unfit(address, target.sessionAttrs)
    } catch (error) {
      if (options.signal.aborted) throw error
      failure = error
    }
  }
  throw failure
}

async function connectTo(address: Address, target: Target, options: ConnectOptions): Promise<Connection> {
  // 0 waits for ever, as it does for the other timeouts
  const limits = options.timeout > 0 ? [AbortSignal.timeout(options.timeout)] : []
  const signal = AbortSignal.any([options.signal, ...limits])
  try {
    const opened = await openSocket(address, target.tls, signal)
    return await startSession(opened, target, options, signal)
  } catch (error) {
    if (signal.aborted && !options.signal.aborted) throw timedOut(address, options.timeout)
    throw explainConnection(error, { address, target })
  }
}

async function startSession(
  opened: OpenSocket,
  target: Target,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const started = performance.now()
  const lost = untilLost(opened)
  const sql = driver(opened.socket, target, options)
  try {
    const rows = await unlessAborted(Promise.race([askFacts(sql), lost]), signal)
    const [facts] = rows
    const backend = rows.state as unknown as { pid: number; secret: number }
    return {
      sql,
      socket: opened.socket,
      address: opened.address,
      phases: opened.phases,
      encrypted: opened.encrypted,
      startup: performance.now() - started,
      lost,
      facts,
      identity: identity(target, opened.address),
      announcedPid: backend.pid,
      cancel: () => cancel(opened.address, target, backend),
      close: (grace = 5000) => sql.end({ timeout: opened.socket.destroyed ? 0 : grace / 1000 }),
      destroy: () => opened.socket.destroy(),
    }
  } catch (error) {
    opened.socket.destroy()
    throw error
  }
}

function askFacts(sql: Sql) {
  return sql<[SessionFacts]>`
    SELECT pg_backend_pid() AS pid,
           current_setting('server_version_num')::int AS "versionNumber",
           current_setting('server_version') AS version,
           version() ~* 'windows|visual c|msvc|mingw' AS "onWindows",
           pg_is_in_recovery() AS "inRecovery",
           current_setting('transaction_read_only') = 'on' AS "readOnly"`
}

async function cancel(
  address: Address,
  target: Target,
  { pid, secret }: { pid: number; secret: number },
): Promise<void> {
  const { socket } = await openSocket(address, target.tls, AbortSignal.timeout(2000))
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(80877102, 4)
  message.writeUInt32BE(pid, 8)
  message.writeUInt32BE(secret, 12)
  await new Promise<void>(resolve => {
    socket.once('close', () => resolve())
    socket.once('error', () => resolve())
    socket.end(message)
    socket.resume()
  })
}

function fits({ inRecovery, readOnly }: SessionFacts, wanted: SessionAttrs): boolean {
  if (wanted === 'read-write') return !readOnly
  if (wanted === 'read-only') return readOnly
  if (wanted === 'primary') return !inRecovery
  return wanted === 'standby' ? inRecovery : true
}

function identity(target: Target, { host, port }: Address): DatabaseIdentity {
  return { name: target.database, host, port, user: target.user, source: target.source }
}

function timedOut(address: Address, timeout: number): OpsError {
  return new OpsError({
    code: 'connect-timeout',
    message: `The server at ${placeOf(address)} did not answer within ${inWords(timeout)}.`,
    hint: 'Check the host, the port and the firewall, or wait longer with --connect-timeout 30s.',
    exit: 3,
  })
}

function inWords(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${Math.round(milliseconds / 100) / 10}s`
}

function unfit(address: Address, wanted: SessionAttrs): OpsError {
  return new OpsError({
    code: 'server-role',
    message: `No server of the URL is ${wanted}, as its target_session_attrs demands; ${placeOf(address)} was the last one asked.`,
    hint: 'Name the right host, or remove target_session_attrs.',
    exit: 3,
  })
}
