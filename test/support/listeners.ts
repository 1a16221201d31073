import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterTest } from './cleanup.ts'

/** Something that takes TCP connections on 127.0.0.1 until the test ends, and is no PostgreSQL. Gives its port. */
export async function listener(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The listener has no port.')
  return address.port
}
