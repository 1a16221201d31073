import { once } from 'node:events'
import { borrowing, cutter, frame } from './bulk-wire.ts'
import type { Connection } from './connect.ts'
import { errorOf } from './last-words.ts'
import { unlessAborted } from './socket.ts'

/** COPY on the working connection: in its transaction and its snapshot, beside its temporary tables. */
export interface Bulk {
  /**
   * Runs `COPY … TO STDOUT` and hands over what it sends, each piece once the last was taken: rows may begin and
   * end anywhere in it. Returns the number of rows. Where `take` throws, the statement is cancelled and that error
   * thrown; the session stays as usable as after any failed statement.
   */
  copyOut(statement: string, take: (piece: Buffer) => Promise<void> | void): Promise<number>
  /**
   * Runs `COPY … FROM STDIN` with what the source gives, and returns the number of rows. Where the source throws,
   * the server forgets them all, and that error is thrown.
   */
  copyIn(statement: string, source: AsyncIterable<Buffer>): Promise<number>
}

export interface BulkOptions {
  /** Ends the COPY when it fires. */
  readonly signal: AbortSignal
  /** Told what the server remarks. */
  notice(text: string): void
}

/** What a COPY has come to, as far as the server has told. */
interface Progress {
  begun: boolean
  rows: number
  failure?: Error
  /** The server waits for the next statement. */
  over: boolean
}

/** The server holds a message in memory as a whole. */
const LONGEST_MESSAGE = 1 << 20
const COUNT = /(\d+)\0$/

/** See {@link Bulk}. */
export async function copyOut(
  connection: Connection,
  statement: string,
  take: (piece: Buffer) => Promise<void> | void,
  options: BulkOptions,
): Promise<number> {
  return borrowing(connection, async next => {
    const pieces: Buffer[] = []
    const progress: Progress = { begun: false, rows: 0, over: false }
    const hear = cutter({ data: piece => pieces.push(piece), message: teller(progress, options) })
    let failed: { readonly reason: unknown; readonly cancelled: Promise<void> } | undefined
    send(connection, 'Q', Buffer.from(`${statement}\0`))
    while (!progress.over) {
      hear(await next())
      const taken = pieces.splice(0)
      if (failed) continue
      try {
        for (const piece of taken) await unlessAborted(Promise.resolve(take(piece)), options.signal)
      } catch (reason) {
        failed = { reason, cancelled: connection.cancel().catch(() => connection.destroy()) }
      }
    }
    // a cancel that comes too late for the COPY must not meet the next statement
    await failed?.cancelled
    if (failed) throw failed.reason
    return rowsOf(progress)
  })
}

/** See {@link Bulk}. */
export async function copyIn(
  connection: Connection,
  statement: string,
  source: AsyncIterable<Buffer>,
  options: BulkOptions,
): Promise<number> {
  return borrowing(connection, async next => {
    const progress: Progress = { begun: false, rows: 0, over: false }
    const hear = cutter({ data: () => {}, message: teller(progress, options) })
    send(connection, 'Q', Buffer.from(`${statement}\0`))
    while (!progress.begun && !progress.over) hear(await next())
    if (progress.over) return rowsOf(progress)

    const ended = new AbortController()
    const answered = (async () => {
      while (!progress.over) hear(await next())
    })().finally(() => ended.abort())
    // where it ends before it is waited for, `fed` stops
    answered.catch(() => {})
    const failed = await fed(connection, source, AbortSignal.any([options.signal, ended.signal]))
    const early = ended.signal.aborted
    if (!early) send(connection, failed ? 'f' : 'c', Buffer.from(failed ? 'no more rows\0' : ''))
    await answered
    if (failed && !early) throw failed.reason
    return rowsOf(progress)
  })
}

/** Sends all of the source, no faster than the server takes it. Returns what stopped it, if anything did. */
async function fed(
  connection: Connection,
  source: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<{ readonly reason: unknown } | undefined> {
  const chunks = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await unlessAborted(chunks.next(), signal)
      if (done) return undefined
      for (let at = 0; at < value.length; at += LONGEST_MESSAGE) {
        if (!send(connection, 'd', value.subarray(at, at + LONGEST_MESSAGE)))
          await unlessAborted(once(connection.socket, 'drain'), signal)
      }
    }
  } catch (reason) {
    // a source that waits for ever cannot be waited for
    void Promise.resolve(chunks.return?.()).catch(() => {})
    return { reason }
  }
}

function send({ socket }: Connection, type: string, body: Buffer): boolean {
  socket.cork()
  socket.write(frame(type, body))
  const flows = socket.write(body)
  socket.uncork()
  return flows
}

function teller(progress: Progress, { notice }: BulkOptions): (type: string, body: Buffer) => void {
  return (type, body) => {
    if (type === 'G') progress.begun = true
    else if (type === 'C') progress.rows = Number(COUNT.exec(body.toString('latin1'))?.[1] ?? 0)
    else if (type === 'E')
      progress.failure ??= errorOf(body) ?? new Error('The server reports an error without words.')
    else if (type === 'N') notice(noticeOf(body))
    else if (type === 'Z') progress.over = true
  }
}

function noticeOf(body: Buffer): string {
  const { severity, message } = errorOf(body) as Error & { readonly severity: string }
  return `${severity}: ${message}`
}

function rowsOf({ rows, failure }: Progress): number {
  if (failure) throw failure
  return rows
}
