import type { Connection } from './connect.ts'
import { deferred } from './socket.ts'

/** What is heard of the server: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export interface Listener {
  /** A piece of what COPY sends: rows may begin and end anywhere in it. */
  data(piece: Buffer): void
  /** Any other message, whole. */
  message(type: string, body: Buffer): void
}

const COPY_DATA = 'd'.charCodeAt(0)
const HEADER = 5

/**
 * Takes the socket from the driver while `work` runs. The driver's own COPY hangs on late errors, stays paused
 * after COPY OUT and crashes the process on an error in mid-stream (postgres.js 3.4.9); between two of its
 * queries it holds no state, so it notices nothing. Chunks are pulled: what nobody asks for stays with the server.
 */
export async function borrowing<T>(
  { socket, lost }: Pick<Connection, 'socket' | 'lost'>,
  work: (next: () => Promise<Buffer>) => Promise<T>,
): Promise<T> {
  const others = socket.listeners('data') as ((chunk: Buffer) => void)[]
  const waiting: Buffer[] = []
  let wanted = deferred<Buffer>()
  const hear = (chunk: Buffer) => {
    socket.pause()
    waiting.push(chunk)
    wanted.resolve(chunk)
  }
  // one reaction for all chunks: a race for each would keep them all alive as long as the session
  lost.catch(reason => wanted.reject(reason))
  const next = async () => {
    if (waiting.length === 0) {
      wanted = deferred()
      socket.resume()
      await wanted.promise
    }
    return waiting.shift() ?? Buffer.alloc(0)
  }
  for (const other of others) socket.off('data', other)
  socket.on('data', hear)
  try {
    return await work(next)
  } finally {
    socket.off('data', hear)
    for (const other of others) socket.on('data', other)
    socket.resume()
  }
}

/** Cuts chunks into messages. Rows are handed on as they come and never held: one may have a gigabyte. */
export function cutter({ data, message }: Listener): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  let left = 0
  return chunk => {
    const input = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    const rows = Buffer.allocUnsafe(input.length)
    let filled = 0
    let given = 0
    let at = 0
    const give = () => {
      if (filled > given) data(rows.subarray(given, filled))
      given = filled
    }
    for (;;) {
      const taken = Math.min(left, input.length - at)
      filled += input.copy(rows, filled, at, at + taken)
      left -= taken
      at += taken
      if (left > 0 || at + HEADER > input.length) break
      const length = input.readUInt32BE(at + 1) - 4
      const isRow = input[at] === COPY_DATA
      if (!isRow && at + HEADER + length > input.length) break
      if (isRow) left = length
      else {
        give()
        message(String.fromCharCode(input[at] ?? 0), input.subarray(at + HEADER, at + HEADER + length))
      }
      at += isRow ? HEADER : HEADER + length
    }
    give()
    held = input.subarray(at)
  }
}

/** What goes before the body of a message of ours. */
export function frame(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER)
  header.write(type, 'latin1')
  header.writeUInt32BE(body.length + 4, 1)
  return header
}
