import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { certificates } from '../support/certificates.ts'
import { afterTest } from '../support/cleanup.ts'
import { freshDatabase } from '../support/databases.ts'
import { failure, secret, silent, told, withSecret } from '../support/failures.ts'
import { listener } from '../support/listeners.ts'
import { freePort } from '../support/port.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { startServer } from '../support/servers.ts'
import { majors, newestMajor, sharedServer } from '../support/shared-servers.ts'

describe.each(majors())('wait on PostgreSQL %i', major => {
  const at = `127.0.0.1:${sharedServer(major).port}`

  it('says at once that a server is ready', async () => {
    const database = await freshDatabase(major)
    const outcome = await ops(['wait', '--json', '--url', database.url])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: {
        name: database.name,
        host: '127.0.0.1',
        port: sharedServer(major).port,
        user: 'postgres',
        source: '--url',
      },
      ready: true,
      attempts: 1,
      ms: expect.any(Number),
    })
    const { stdout } = await ops(['wait', '--url', database.url])
    expect(stdout).toMatch(/^Ready after [\d.]+ms, 1 attempt\.\n$/)
  })

  it('asks --stable times', async () => {
    const outcome = await ops([
      'wait',
      '--json',
      '--stable',
      '2',
      '--url',
      `postgres://postgres@${at}/postgres`,
    ])
    expect(documentOf(outcome)).toMatchObject({ ready: true, attempts: 2 })
    expect(documentOf<{ ms: number }>(outcome).ms).toBeGreaterThan(990)
  })

  it('fails at once on a wrong password', async () => {
    const role = await freshRole('password', major)
    secret(role.password)
    expect(await failure(['wait', '--url', withSecret(`postgres://${role.name}@${at}/postgres`)])).toEqual(
      told({
        exit: 3,
        code: 'wrong-password',
        message: `The server refuses the user ${role.name} with this password.`,
        hint: 'Correct the user or the password in --url; one that is not in there came from PGPASSWORD or ~/.pgpass.',
        sqlstate: '28P01',
      }),
    )
  })

  it('fails at once on an unknown database, unless that may be missing', async () => {
    const url = withSecret(`postgres://postgres@${at}/shop`)
    expect(await failure(['wait', '--url', url])).toEqual(
      told({
        exit: 3,
        code: 'database-unknown',
        message: `There is no database shop on ${at}.`,
        hint: 'Correct the name in --url, or let drizzle-ops migrate --create-database make it.',
        sqlstate: '3D000',
      }),
    )
    const outcome = await silent(['wait', '--json', '--allow-missing-database', '--url', url])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      ready: true,
      attempts: 1,
      ms: expect.any(Number),
    })
  })

  it('fails at once on a certificate that is not trusted', async () => {
    const url = withSecret(
      `postgres://postgres@${at}/postgres?sslmode=verify-full&sslrootcert=${certificates.unrelatedCa}`,
    )
    expect(await failure(['wait', '--url', url])).toEqual(
      told({
        exit: 3,
        code: 'certificate-not-trusted',
        message: `The certificate of ${at} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
        hint: "Give its authority's certificate with sslrootcert=ca.pem (ssl: { ca } in dbCredentials).",
      }),
    )
  })
})

it('waits for a server that comes up', async () => {
  const server = await startServer({ major: newestMajor() })
  afterTest(() => server.stop('immediate'))
  process.kill(server.pid, 'SIGINT')
  await expect
    .poll(() => ops(['wait', '--timeout', '100ms', '--url', server.url()]))
    .toMatchObject({ stderr: expect.stringContaining('Nothing listens') })
  const waiting = ops(['wait', '--json', '--url', server.url()])
  await sleep(100)
  await server.restart()
  const outcome = await waiting
  expect(outcome.stderr).toMatch(/^Waiting: Nothing listens at 127\.0\.0\.1:\d+\.\n/)
  expect(documentOf(outcome)).toMatchObject({ ready: true, attempts: expect.any(Number) })
  expect(documentOf<{ attempts: number }>(outcome).attempts).toBeGreaterThan(1)
  expect(outcome.code).toBe(0)
})

it('gives up when the time is over', async () => {
  const port = await freePort()
  const url = withSecret(`postgres://app@127.0.0.1:${port}/app`)
  expect(await failure(['wait', '--timeout', '100ms', '--url', url])).toEqual(
    told({
      exit: 3,
      code: 'not-ready',
      message: `The database was not ready within 0.1s (1 attempt): Nothing listens at 127.0.0.1:${port}.`,
      hint: 'Start PostgreSQL there, or correct the host and the port in --url.',
      notes: [`Waiting: Nothing listens at 127.0.0.1:${port}.`],
      known: { ready: false, attempts: 1, ms: expect.any(Number) },
    }),
  )
})

it('gives up in the middle of an attempt', async () => {
  const port = await listener(() => undefined)
  const url = withSecret(`postgres://app@127.0.0.1:${port}/app`)
  const failed = await failure(['wait', '--timeout', '200ms', '--url', url])
  expect(failed.document).toMatchObject({
    ready: false,
    attempts: 1,
    error: { code: 'not-ready', hint: expect.stringContaining('--connect-timeout') },
  })
  expect(failed.text).toMatch(
    /^Waiting: (The server at 127\.0\.0\.1:\d+ did not answer within (?:200|1\d\d)ms\.)\nerror: The database was not ready within 0\.2s \(1 attempt\): \1 \[not-ready\]\n/,
  )
})

it('is not satisfied with fewer answers than --stable', async () => {
  const { port } = sharedServer(newestMajor())
  const url = withSecret(`postgres://postgres@127.0.0.1:${port}/postgres`)
  const failed = await failure(['wait', '--timeout', '500ms', '--stable', '3', '--url', url])
  expect(failed).toEqual(
    told({
      exit: 3,
      code: 'not-ready',
      message: 'The database was not ready within 0.5s (1 attempt).',
      hint: 'It answered, but not often enough in a row: wait longer with --timeout.',
      database: { name: 'postgres', host: '127.0.0.1', port, user: 'postgres', source: '--url' },
      known: { ready: false, attempts: 1, ms: expect.any(Number) },
    }),
  )
})

it('takes no --stable below 1', async () => {
  expect(
    await failure(['wait', '--stable', '0', '--url', withSecret('postgres://app@127.0.0.1/app')]),
  ).toEqual(
    told({
      exit: 2,
      code: 'usage',
      message: "Option '--stable <n>' argument '0' is invalid. Write a whole number from 1.",
      hint: 'drizzle-ops wait --help lists what there is.',
    }),
  )
})

it('stops at a signal', async () => {
  const port = await freePort()
  const url = withSecret(`postgres://app@127.0.0.1:${port}/app`)
  const interrupt = { signal: 'SIGTERM', seen: /Waiting/ } as const
  expect(await failure(['wait', '--url', url], { interrupt })).toEqual(
    told({
      exit: 143,
      code: 'interrupted',
      message: 'Stopped by SIGTERM.',
      hint: 'What was not finished has been rolled back; run the command again to go on.',
      notes: [`Waiting: Nothing listens at 127.0.0.1:${port}.`],
    }),
  )
})
