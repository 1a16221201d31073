import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { findBinaries } from '../../src/database/embedded/binaries.ts'
import { stopEmbeddedServer } from '../../src/database/embedded/embedded.ts'
import { findPostmaster } from '../../src/database/embedded/postmaster.ts'
import { goneFrom } from '../support/embedded.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** `query` uses the server as a command does, `hold` as one that is killed before it leaves. */
const command = `
  import postgres from 'postgres'
  import { joinEmbeddedServer, withEmbeddedServer } from './src/database/embedded/embedded.ts'
  const [mode, project] = process.argv.slice(2)
  if (mode === 'hold') {
    await joinEmbeddedServer(project)
    console.log('joined')
    setInterval(() => {}, 1000)
  } else {
    const answer = await withEmbeddedServer(project, async ({ url }) => {
      const sql = postgres(url, { max: 1 })
      const [row] = await sql\`select system_identifier from pg_control_system()\`
      await sql.end()
      return row.system_identifier
    })
    console.log(answer)
  }
`

let folder: string
let project: string
let data: string
let started: ChildProcess[] = []

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-')))
  await chmod(folder, 0o755)
  await build({
    stdin: { contents: command, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    outfile: join(folder, 'command.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
})

beforeEach(async context => {
  project = join(folder, context.task.id)
  data = join(project, '.drizzle-ops', 'data')
  const { directory } = await findBinaries(import.meta.dirname)
  const platformPackage = join(project, 'node_modules', ...directory.split('/').slice(-2))
  await mkdir(join(platformPackage, '..'), { recursive: true, mode: 0o755 })
  await symlink(directory, platformPackage)
})

afterEach(async () => {
  for (const child of started) child.kill('SIGKILL')
  started = []
  await stopEmbeddedServer(project)
})

afterAll(() => rm(folder, { recursive: true }))

async function pidOf(dataDirectory: string): Promise<number> {
  const pid = (await findPostmaster(dataDirectory))?.pid
  if (pid === undefined) throw new Error(`no server on ${dataDirectory}`)
  return pid
}

async function query(): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    join(folder, 'command.mjs'),
    'query',
    project,
  ])
  return stdout.trim() + stderr
}

function hold(): ChildProcess {
  const args = [join(folder, 'command.mjs'), 'hold', project]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('two commands at once make one cluster', async () => {
  const [one, other] = await Promise.all([query(), query()])
  expect(one).toMatch(/^\d+$/)
  expect(other).toBe(one)
  await goneFrom(data)
  expect((await readdir(join(project, '.drizzle-ops'))).sort()).toEqual(
    ['.gitignore', 'data', 'password', 'server.log', 'url'].sort(),
  )
})

test('ten rounds of two commands at once leave no server', async () => {
  const answers = new Set<string>()
  for (let round = 0; round < 10; round++) {
    for (const answer of await Promise.all([query(), query()])) answers.add(answer)
    await goneFrom(data)
  }
  expect(answers.size).toBe(1)
})

test('kill -9 of a command leaves the server to the next one, which stops it', async () => {
  const killed = hold()
  await once(killed.stdout ?? killed, 'data')
  const server = await pidOf(data)
  await kill(killed)
  await sleep(100)
  expect(await pidOf(data)).toBe(server)
  expect(await query()).toMatch(/^\d+$/)
  await goneFrom(data)
})

test('kill -9 at any moment of the first start does no harm', async () => {
  for (const moment of [100, 200, 300, 400, 500, 600, 700, 800, 900]) {
    const killed = hold()
    await sleep(moment)
    await kill(killed)
  }
  expect(await query()).toMatch(/^\d+$/)
  await goneFrom(data)
  expect((await readdir(join(project, '.drizzle-ops'))).filter(name => name.startsWith('data'))).toEqual([
    'data',
  ])
})

test('kill -9 of command and server', async () => {
  const killed = hold()
  await once(killed.stdout ?? killed, 'data')
  process.kill(await pidOf(data), 'SIGKILL')
  await kill(killed)
  expect(await query()).toMatch(/^\d+$/)
  await goneFrom(data)
})

test('says what to install where the binaries are missing', async () => {
  await rm(join(project, 'node_modules'), { recursive: true })
  await expect(query()).rejects.toThrow(/code: 'embedded-missing'/)
})
