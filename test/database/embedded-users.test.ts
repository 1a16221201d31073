import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { findBinaries } from '../../src/database/embedded/binaries.ts'
import { removeEmbeddedServer, withEmbeddedServer } from '../../src/database/embedded/embedded.ts'
import { findHome } from '../../src/database/embedded/home.ts'
import { chooseUser, isRoot, nameOfUser, readPasswd } from '../../src/database/embedded/user.ts'
import { goneFrom } from '../support/embedded.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const asRoot = test.skipIf(!isRoot())
if (!isRoot()) console.log('These tests change the user, which only root may do; they are skipped.')

/** Joins and leaves as whoever runs it, and prints the uid of the cluster's owner. */
const command = `
  import { stat } from 'node:fs/promises'
  import { withEmbeddedServer } from './src/database/embedded/embedded.ts'
  await withEmbeddedServer(process.argv[2], async ({ dataDirectory }) => {
    console.log((await stat(dataDirectory)).uid)
  })
`

/** As whom the tests run what an ordinary user runs. In /etc/passwd of every Linux and macOS. */
const ordinary = { uid: 1, gid: 1 }

let folder: string
let closed: string
let project: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-')))
  await build({
    stdin: { contents: command, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    outfile: join(folder, 'command.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
})

/** A project with its own copy of the binaries, the library links missing, in a folder that can be closed. */
beforeEach(async context => {
  await chmod(folder, 0o755)
  closed = join(folder, context.task.id)
  project = join(closed, 'project')
  const { directory } = await findBinaries(import.meta.dirname)
  await cp(directory, join(project, 'node_modules', ...directory.split('/').slice(-2)), {
    recursive: true,
    filter: async path => !(await lstat(path)).isSymbolicLink(),
  })
})

afterEach(() => removeEmbeddedServer(project))

afterAll(() => rm(folder, { recursive: true }))

async function run(user: { uid: number; gid: number }): Promise<string> {
  const args = [join(folder, 'command.mjs'), project]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { ...user, cwd: '/' })
  return stdout.trim() + stderr
}

asRoot('root runs it as another user', async () => {
  const { uid } = chooseUser(await readPasswd())
  await withEmbeddedServer(project, async ({ dataDirectory }) => {
    expect(dataDirectory).toBe(join(project, '.drizzle-ops', 'data'))
    expect((await stat(dataDirectory)).uid).toBe(uid)
  })
  expect((await stat(join(project, '.drizzle-ops'))).uid).toBe(uid)
})

asRoot('root runs it from a clone that other users cannot enter', async () => {
  const umask = process.umask(0o077)
  await chmod(closed, 0o700)
  const shared = '/var/lib/drizzle-ops'
  const before = await readdir(shared).catch((): string[] => [])
  try {
    const dataDirectory = await withEmbeddedServer(project, async server => server.dataDirectory)
    expect(dataDirectory).toMatch(/^\/var\/lib\/drizzle-ops\/[0-9a-f]{12}\/data$/)
    expect(await readdir(project)).toEqual(['node_modules'])
    await goneFrom(dataDirectory)
    expect(await withEmbeddedServer(project, async server => server.dataDirectory)).toBe(dataDirectory)
    const copy = (await readdir(shared)).find(name => name.startsWith('postgresql-')) ?? ''
    const { uid, mode } = await stat(join(shared, copy))
    expect([uid, mode & 0o777]).toEqual([0, 0o755])
    expect((await findHome(project))?.directory).toBe(join(dataDirectory, '..'))
  } finally {
    process.umask(umask)
    await removeEmbeddedServer(project)
    const made = (await readdir(shared)).filter(name => !before.includes(name))
    for (const name of made) await rm(join(shared, name), { recursive: true })
    if (before.length === 0) await rmdir(shared)
  }
})

asRoot('an ordinary user first, then root: the server stays that user’s', async () => {
  await chown(project, ordinary.uid, ordinary.gid)
  expect(await run(ordinary)).toBe(String(ordinary.uid))
  await goneFrom(join(project, '.drizzle-ops/data'))
  await withEmbeddedServer(project, async ({ dataDirectory }) => {
    expect((await stat(dataDirectory)).uid).toBe(ordinary.uid)
  })
  await goneFrom(join(project, '.drizzle-ops/data'))
  expect(await run(ordinary)).toBe(String(ordinary.uid))
  expect(await readFile(join(project, '.drizzle-ops', '.gitignore'), 'utf8')).toBe('*\n')
})

asRoot('root first, then an ordinary user: says whose it is', async () => {
  await withEmbeddedServer(project, async () => undefined)
  const owner = await nameOfUser(chooseUser(await readPasswd()).uid)
  const failure = await run(ordinary).catch((error: { stderr: string }) => error.stderr)
  expect(failure).toContain(
    `${join(project, '.drizzle-ops')}, the home of the embedded PostgreSQL server, belongs to ${owner}.`,
  )
  expect(failure).toContain("code: 'embedded-not-yours'")
  expect(failure).toContain('sudo rm -r .drizzle-ops (deletes that database), or set DATABASE_URL')
})

asRoot('an ordinary user who may not write into the project', async () => {
  const failure = await run(ordinary).catch((error: { stderr: string }) => error.stderr)
  expect(failure).toContain("code: 'embedded-home'")
  expect(failure).toContain(
    'There is no place for the embedded PostgreSQL server: EACCES: permission denied, mkdir',
  )
})

asRoot('a user without a name', async () => {
  const nameless = { uid: 54321, gid: 54321 }
  await chown(project, nameless.uid, nameless.gid)
  const failure = await run(nameless).catch((error: { stderr: string }) => error.stderr)
  expect(failure).toContain("code: 'embedded-initdb'")
  expect(failure).toContain('could not look up effective user ID 54321: user does not exist')
  expect(failure).toContain('Give this user id a name in /etc/passwd')
})
