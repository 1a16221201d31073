import type { LookupAddress } from 'node:dns'
import { expect, it, vi } from 'vitest'
import { openSocket } from '../../src/database/socket.ts'
import { listener } from '../support/listeners.ts'
import { freePort } from '../support/port.ts'

// A name that has two addresses is not to be had on every machine.
const addresses: readonly LookupAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
]
vi.mock('node:dns/promises', () => ({ lookup: async () => addresses }))

const never = new AbortController().signal

it('goes on to the next address of a name', async () => {
  const port = await listener(() => undefined)
  const { socket, phases } = await openSocket({ host: 'db', port }, { mode: 'disable' }, never)
  expect([socket.remoteAddress, socket.remotePort]).toEqual(['127.0.0.1', port])
  expect(phases).toEqual({ dns: expect.any(Number), tcp: expect.any(Number), tls: null })
  socket.destroy()
})

it('says why where no address answers', async () => {
  const port = await freePort()
  const failed = openSocket({ host: 'db', port }, { mode: 'disable' }, never)
  await expect(failed).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it('looks up no address', async () => {
  const port = await listener(() => undefined)
  const { socket, phases } = await openSocket({ host: '127.0.0.1', port }, { mode: 'disable' }, never)
  expect(phases.dns).toBeNull()
  socket.destroy()
})
