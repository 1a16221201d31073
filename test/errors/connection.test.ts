import { describe, expect, it } from 'vitest'
import { failure, told, withSecret } from '../support/failures.ts'
import { listener } from '../support/listeners.ts'
import { freePort } from '../support/port.ts'
import { emptyFolder } from '../support/program.ts'
import { journalProject } from '../support/project.ts'

function statusAt(url: string, password?: string) {
  const { root } = journalProject([])
  return failure(['status', '--url', withSecret(url, password)], { cwd: root })
}

describe('nobody there', () => {
  it('no server on that port', async () => {
    const port = await freePort()
    expect(await statusAt(`postgres://app@127.0.0.1:${port}/app`)).toEqual(
      told({
        exit: 3,
        code: 'connection-refused',
        message: `Nothing listens at 127.0.0.1:${port}.`,
        hint: 'Start PostgreSQL there, or correct the host and the port in --url.',
      }),
    )
  })

  it('no server on any of several hosts', async () => {
    const port = await freePort()
    expect(await statusAt(`postgres://app@[::1]:${port},127.0.0.1:${port}/app`)).toEqual(
      told({
        exit: 3,
        code: 'connection-refused',
        message: `Nothing listens at 127.0.0.1:${port}.`,
        hint: 'Start PostgreSQL there, or correct the host and the port in --url.',
      }),
    )
  })

  it('no server on that Unix socket', async () => {
    const folder = emptyFolder()
    expect(await statusAt(`postgres://app@${encodeURIComponent(folder)}/app`)).toEqual(
      told({
        exit: 3,
        code: 'connection-refused',
        message: `Nothing listens at the socket ${folder}/.s.PGSQL.5432.`,
        hint: 'Start PostgreSQL there, or correct the host and the port in --url.',
      }),
    )
  })

  it('host unknown', async () => {
    expect(await statusAt('postgres://app@name.invalid/app')).toEqual(
      told({
        exit: 3,
        code: 'host-unknown',
        message: 'The host name name.invalid cannot be resolved.',
        hint: "Correct the host in --url, or check the network's name service.",
      }),
    )
  })
})

describe('somebody else there', () => {
  it.each(['disable', 'require'])('no answer in time, sslmode=%s', async mode => {
    const port = await listener(() => undefined)
    const url = withSecret(`postgres://app@127.0.0.1:${port}/app?sslmode=${mode}`)
    const { root } = journalProject([])
    expect(await failure(['status', '--connect-timeout', '300ms', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 3,
        code: 'connect-timeout',
        message: `The server at 127.0.0.1:${port} did not answer within 300ms.`,
        hint: 'Check the host, the port and the firewall, or wait longer with --connect-timeout 30s.',
      }),
    )
  })

  it.each(['disable', 'prefer', 'require'])('closes at once, sslmode=%s', async mode => {
    const port = await listener(socket => socket.end())
    expect(await statusAt(`postgres://app@127.0.0.1:${port}/app?sslmode=${mode}`)).toEqual(
      told({
        exit: 3,
        code: 'connection-lost',
        message: `What answers at 127.0.0.1:${port} closed the connection before a session began.`,
        hint: 'See whether it is a PostgreSQL server and what its log says, then try again.',
      }),
    )
  })

  it.each(['disable', 'prefer', 'require'])('answers nonsense, sslmode=%s', async mode => {
    const port = await listener(socket => {
      socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    })
    expect(await statusAt(`postgres://app@127.0.0.1:${port}/app?sslmode=${mode}`)).toEqual(notPostgres(port))
  })

  it.each(['disable', 'require'])('greets before it is spoken to, sslmode=%s', async mode => {
    const port = await listener(socket => socket.write('SSH-2.0-OpenSSH_9.9\r\n'))
    expect(await statusAt(`postgres://app@127.0.0.1:${port}/app?sslmode=${mode}`)).toEqual(notPostgres(port))
  })

  it('slips words in before TLS begins', async () => {
    const port = await listener(socket => {
      socket.once('data', () => socket.write('SR'))
    })
    expect(await statusAt(`postgres://app@127.0.0.1:${port}/app?sslmode=require`)).toEqual(notPostgres(port))
  })

  function notPostgres(port: number) {
    return told({
      exit: 3,
      code: 'not-postgres',
      message: `What answers at 127.0.0.1:${port} is not a PostgreSQL server.`,
      hint: 'Correct the host and the port in --url.',
    })
  }
})
