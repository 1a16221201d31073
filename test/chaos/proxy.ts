import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A cut at the `nth` packet of one direction, before it is passed on or after. */
export interface Cut {
  readonly direction: 'question' | 'answer'
  readonly nth: number
  readonly passOn: boolean
}

export interface Proxy {
  readonly port: number
  /** Both ends of every connection, now. Later ones pass. */
  cut(): void
  close(): void
}

/** Stands between a runner and the server, and drops what goes through it once. */
export async function startProxy(target: number, planned?: Cut): Promise<Proxy> {
  const open = new Set<Socket>()
  let plan = planned
  const cut = () => {
    plan = undefined
    for (const socket of open) socket.resetAndDestroy()
  }
  const server = createServer({ noDelay: true }, client => {
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    pass(client, upstream, 'question')
    pass(upstream, client, 'answer')
  }).listen(0, '127.0.0.1')

  function pass(from: Socket, to: Socket, direction: Cut['direction']): void {
    let packets = 0
    open.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      open.delete(from)
      to.end()
    })
    from.on('data', chunk => {
      packets += 1
      const now = plan?.direction === direction && packets === plan.nth
      if (!now || plan?.passOn) to.write(chunk, () => now && cut())
      else cut()
    })
  }

  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () => {
      cut()
      server.close()
    },
  }
}
