import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** The only address the server listens at. */
export const host = '127.0.0.1'

/** A free port: the wanted one if it can be had, else any. It may be taken again a moment later. */
export async function freePort(wanted: number | undefined): Promise<number> {
  return wanted !== undefined && (await isFree(wanted)) ? wanted : bind(0)
}

/** Whether the server could listen at a port now. */
export async function isFree(port: number): Promise<boolean> {
  return bind(port).then(
    () => true,
    () => false,
  )
}

async function bind(port: number): Promise<number> {
  const server = createServer().listen({ host, port })
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return address.port
}
