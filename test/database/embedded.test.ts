import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { findBinaries } from '../../src/database/embedded/binaries.ts'
import {
  joinEmbeddedServer,
  removeEmbeddedServer,
  stopEmbeddedServer,
  withEmbeddedServer,
} from '../../src/database/embedded/embedded.ts'
import { findPostmaster } from '../../src/database/embedded/postmaster.ts'
import { ask, goneFrom } from '../support/embedded.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let project: string
let home: string
let data: string

/** A project as `npm install --ignore-scripts` leaves it: the library links of the binaries are missing. */
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-')))
  await chmod(folder, 0o755)
  const binaries = await findBinaries(import.meta.dirname)
  await cp(binaries.directory, join(folder, 'binaries'), {
    recursive: true,
    filter: async path => !(await lstat(path)).isSymbolicLink(),
  })
  project = join(folder, 'Größe & Maß')
  const platformPackage = join(project, 'node_modules', ...binaries.directory.split('/').slice(-2))
  await mkdir(join(platformPackage, '..'), { recursive: true })
  await symlink(join(folder, 'binaries'), platformPackage)
  home = join(project, '.drizzle-ops')
  data = join(home, 'data')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await stopEmbeddedServer(project)
})

afterAll(() => rm(folder, { recursive: true }))

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

async function pidOf(dataDirectory: string): Promise<number> {
  const pid = (await findPostmaster(dataDirectory))?.pid
  if (pid === undefined) throw new Error(`no server on ${dataDirectory}`)
  return pid
}

test('starts where install scripts are blocked, in a folder with spaces and letters of all kinds', async () => {
  vi.stubEnv('PGTARGETSESSIONATTRS', 'any')
  vi.stubEnv('PGOPTIONS', '-c no_such_setting=1')
  const before = await readdir(join(folder, 'binaries', 'native', 'lib'))
  const server = await joinEmbeddedServer(project)
  const { password, ...target } = server.target

  expect(target).toEqual({
    addresses: [{ host: '127.0.0.1', port: (await findPostmaster(data))?.port }],
    database: 'postgres',
    user: 'postgres',
    tls: { mode: 'disable' },
    sessionAttrs: 'any',
    source: 'embedded',
  })
  expect(server.dataDirectory).toBe(data)
  expect(server.version).toMatch(/^\d+\.\d+$/)
  expect(new URL(server.url).password).toBe(password())
  vi.unstubAllEnvs()
  expect(await ask(server.url, 'select current_setting($$TimeZone$$) as answer')).toEqual(['UTC'])
  expect(await ask(server.url, 'select upper($$größe é$$) as answer')).toEqual(['GRÖßE É'])

  await server.leave()
  await goneFrom(data)
  expect(await readdir(join(folder, 'binaries', 'native', 'lib'))).toEqual(before)
})

test('keeps its files to itself', async () => {
  const { url } = await withEmbeddedServer(project, async server => server)
  expect(await modeOf(home)).toBe('700')
  for (const name of ['password', 'url', 'server.log'])
    expect([name, await modeOf(join(home, name))]).toEqual([name, '600'])
  expect(await readFile(join(home, 'url'), 'utf8')).toBe(`${url}\n`)
  expect(await readFile(join(home, '.gitignore'), 'utf8')).toBe('*\n')
  expect(await readFile(join(home, 'server.log'), 'utf8')).not.toContain(new URL(url).password)
})

test.each([
  ['the first', 0],
  ['the second', 1],
])('two use it at once and %s leaves first', async (_, first) => {
  const servers = [await joinEmbeddedServer(project), await joinEmbeddedServer(project)]
  const [one, other] = first === 0 ? servers : servers.toReversed()
  const pid = await pidOf(data)
  await one?.leave()
  expect(await pidOf(data)).toBe(pid)
  expect(await ask(other?.url ?? '', 'select 1 as answer')).toEqual([1])
  await other?.leave()
  await goneFrom(data)
})

test('the next command comes while the server stops', async () => {
  for (let round = 0; round < 10; round++) {
    const answers = await withEmbeddedServer(project, ({ url }) => ask(url, 'select 1 as answer'))
    expect(answers).toEqual([1])
  }
  await goneFrom(data)
})

test('leaves after a failure too', async () => {
  const work = withEmbeddedServer(project, async () => Promise.reject(new Error('the work')))
  await expect(work).rejects.toThrow('the work')
  await goneFrom(data)
})

test('stays up for the sessions of others until it is told to stop', async () => {
  const server = await joinEmbeddedServer(project)
  const sql = postgres(server.url, { max: 1 })
  await sql`select 1`
  await server.leave()
  expect(await sql`select 2 as answer`).toEqual([{ answer: 2 }])
  expect(await stopEmbeddedServer(project)).toBe(true)
  expect(await findPostmaster(data)).toBeUndefined()
  expect(await stopEmbeddedServer(project)).toBe(false)
  await sql.end()
})

test('stop() ends the sessions and waits', async () => {
  const server = await joinEmbeddedServer(project)
  await joinEmbeddedServer(project)
  await server.stop()
  expect(await findPostmaster(data)).toBeUndefined()
})

test('listens at the port of the last time, at another where that is taken, or at the one asked for', async () => {
  const { target } = await withEmbeddedServer(project, async server => server)
  const last = target.addresses[0].port
  expect((await withEmbeddedServer(project, async server => server)).target.addresses[0].port).toBe(last)
  await goneFrom(data)
  const thief = createServer().listen(last, '127.0.0.1')
  const asked = await joinEmbeddedServer(project, { port: last }).catch((error: unknown) => error)
  expect(asked).toMatchObject({
    code: 'embedded-port',
    exit: 2,
    message: `The embedded PostgreSQL server cannot listen at port ${last}, which is taken or forbidden.`,
  })
  await withEmbeddedServer(project, async server => expect(server.target.addresses[0].port).not.toBe(last))
  thief.close()
  await goneFrom(data)
  const server = await joinEmbeddedServer(project, { port: last })
  expect(server.target.addresses[0].port).toBe(last)
  await server.leave()
})

test('removing it leaves an empty database at the same URL', async () => {
  const tables = `select relname as answer from pg_class where relname = 'kept'`
  const before = await withEmbeddedServer(project, async ({ url }) => {
    await ask(url, 'create table kept ()')
    return { url, kept: await ask(url, tables) }
  })
  expect(before.kept).toEqual(['kept'])
  await removeEmbeddedServer(project)
  const after = await withEmbeddedServer(project, async ({ url }) => ({ url, kept: await ask(url, tables) }))
  expect(after).toEqual({ url: before.url, kept: [] })
  await goneFrom(data)
  await removeEmbeddedServer(project)
  await removeEmbeddedServer(project)
})
