import { spawn } from 'node:child_process'
import {
  appendFile,
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { findBinaries } from '../../src/database/embedded/binaries.ts'
import {
  joinEmbeddedServer,
  stopEmbeddedServer,
  withEmbeddedServer,
} from '../../src/database/embedded/embedded.ts'
import { findPostmaster, readPostmaster } from '../../src/database/embedded/postmaster.ts'
import { ask, goneFrom } from '../support/embedded.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let project: string
let home: string
let data: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-')))
  await chmod(folder, 0o755)
  project = join(folder, 'project')
  home = join(project, '.drizzle-ops')
  data = join(home, 'data')
  const { directory } = await findBinaries(import.meta.dirname)
  const platformPackage = join(project, 'node_modules', ...directory.split('/').slice(-2))
  await mkdir(join(platformPackage, '..'), { recursive: true })
  await symlink(directory, platformPackage)
  await withEmbeddedServer(project, async () => undefined)
})

afterEach(async () => {
  await stopEmbeddedServer(project)
})

afterAll(() => rm(folder, { recursive: true }))

async function pidOf(dataDirectory: string): Promise<number> {
  const pid = (await findPostmaster(dataDirectory))?.pid
  if (pid === undefined) throw new Error(`no server on ${dataDirectory}`)
  return pid
}

test('recovers after kill -9 of the server', async () => {
  const killed = await joinEmbeddedServer(project)
  await ask(killed.url, 'create table kept as select 42 as answer')
  process.kill(await pidOf(data), 'SIGKILL')
  await killed.leave()
  expect(await withEmbeddedServer(project, ({ url }) => ask(url, 'select answer from kept'))).toEqual([42])
  await goneFrom(data)
})

test('a lock file whose process id is something else by now does not keep it down', async () => {
  const killed = await joinEmbeddedServer(project)
  const { uid, gid } = await stat(data)
  process.kill(await pidOf(data), 'SIGKILL')
  await killed.leave()
  const stranger = spawn('sleep', ['60'], { uid, gid })
  const lockFile = join(data, 'postmaster.pid')
  const lines = (await readFile(lockFile, 'utf8')).split('\n')
  await writeFile(lockFile, [stranger.pid, ...lines.slice(1)].join('\n'))
  await withEmbeddedServer(project, async () => {
    expect((await readPostmaster(data))?.pid).not.toBe(stranger.pid)
  })
  stranger.kill()
})

test('a copy of the folder, made while the server ran, gets a server of its own', async () => {
  const server = await joinEmbeddedServer(project)
  const copy = join(folder, 'copy')
  await cp(project, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  await handOver(join(copy, '.drizzle-ops'))
  await withEmbeddedServer(copy, async other => {
    expect(other.dataDirectory).toBe(join(copy, '.drizzle-ops', 'data'))
    expect(other.url).not.toBe(server.url)
    expect(await ask(other.url, 'select 1 as answer')).toEqual([1])
  })
  await server.leave()
})

/** What `cp -a` does: the copy's owner is the original's. */
async function handOver(path: string): Promise<void> {
  const { uid, gid } = await stat(home)
  for (const name of ['.', ...(await readdir(path, { recursive: true }))])
    await chown(join(path, name), uid, gid)
}

test('a start that fails says what the server said', async () => {
  const settings = join(data, 'postgresql.conf')
  const before = await readFile(settings, 'utf8')
  await appendFile(settings, 'shared_buffers = lots\n')
  const failure = await joinEmbeddedServer(project).catch((error: unknown) => error)
  await writeFile(settings, before)
  expect(failure).toMatchObject({
    code: 'embedded-start',
    exit: 1,
    message: expect.stringMatching(/ stopped at once\. The end of .*server\.log:\n(.*\n)*.*FATAL:/),
    hint: 'drizzle-ops dev reset starts over with an empty database; or set DATABASE_URL.',
  })
  expect((failure as Error).message).toContain('invalid value for parameter "shared_buffers": "lots"')
})

test('a password file that is not the cluster’s is an error, not an endless attempt', async () => {
  const file = join(home, 'password')
  const password = await readFile(file, 'utf8')
  await writeFile(file, 'guess\n')
  const failure = await joinEmbeddedServer(project).catch((error: unknown) => error)
  await writeFile(file, password)
  expect(failure).toMatchObject({
    code: 'embedded-password',
    message: `${file} does not hold the password of the embedded PostgreSQL server.`,
    hint: 'drizzle-ops dev reset (deletes that database), or set DATABASE_URL',
  })
})
