import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { timing } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const READING = 4000

const tools = [
  { name: 'drizzle-ops migrate', command: ['bin/drizzle-ops.js', 'migrate', '--quiet'] },
  { name: 'drizzle-kit migrate', command: ['node_modules/drizzle-kit/bin.cjs', 'migrate'] },
] as const

const worst = (name: string) => `${name}: longest read`
const total = (name: string) => `${name}: until done`

const goals = [{ name: 'longest read', of: worst('drizzle-ops migrate'), atMost: 400 }]

/** How long an ALTER TABLE that waits for a reader of four seconds keeps the other readers waiting, and when it is done. */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const server = await startServer({ major: 18, settings: { fsync: 'on' } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const admin = connect(server.url())
  const url = server.url('bench')
  try {
    await makeProject(folder, url)
    const found = tools.map(tool => ({ ...tool, stalls: [] as number[], totals: [] as number[] }))
    for (let run = options.includes('--quick') ? 1 : 3; run > 0; run -= 1) {
      for (const { command, stalls, totals } of found) {
        await admin`DROP DATABASE IF EXISTS bench WITH (FORCE)`
        await admin`CREATE DATABASE bench`
        const { stall, ms } = await measured(url, folder, command)
        stalls.push(stall)
        totals.push(ms)
      }
    }
    const timings = found.flatMap(({ name, stalls, totals }) => [
      timing(worst(name), stalls),
      timing(total(name), totals),
    ])
    report(timings, goals, options.includes('--json'))
  } finally {
    await admin.end()
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

async function measured(url: string, folder: string, command: readonly string[]) {
  const sql = connect(url, 2)
  try {
    await sql`CREATE TABLE posts (id int)`
    const reader = sql.begin(async transaction => {
      await transaction`SELECT FROM posts`
      await sleep(READING)
    })
    const started = performance.now()
    const migrating = migrated(folder, command)
    const reading = longestRead(url, migrating)
    await migrating
    const ms = performance.now() - started
    await reader
    return { stall: await reading, ms }
  } finally {
    await sql.end()
  }
}

/** Of a client that reads the table over and over, in milliseconds. */
async function longestRead(url: string, until: Promise<void>): Promise<number> {
  let over = false
  const stop = () => {
    over = true
  }
  until.then(stop, stop)
  const sql = connect(url, 1)
  await sql`SELECT 1`
  let longest = 0
  while (!over) {
    const started = performance.now()
    await sql`SELECT FROM posts`
    longest = Math.max(longest, performance.now() - started)
    await sleep(5)
  }
  await sql.end()
  return longest
}

async function migrated(cwd: string, [script = '', ...args]: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(repository, script), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} exited with ${code}:\n${output}`)
}

async function makeProject(root: string, url: string): Promise<void> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(
    join(root, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', out: './drizzle', dbCredentials: { url } }),
  )
  await writeFile(join(root, 'drizzle/0000_body.sql'), 'ALTER TABLE posts ADD COLUMN body text')
  const entry = { idx: 0, version: '7', when: 1_767_225_600_000, tag: '0000_body', breakpoints: true }
  await writeFile(
    join(root, 'drizzle/meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry] }),
  )
}
