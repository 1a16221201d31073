import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { type Timing, timing } from './measure.ts'
import { type Goal, report } from './report.ts'

const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')
const ROWS = /^--rows=(\d+)$/
const HIGH_WATER = /VmHWM:\s+(\d+) kB/
/** As `--verbose` tells of the statements that find a batch's end and delete it. */
const BATCH = /^([\d.]+)(ms|s) {2}(?:WITH candidates|DELETE FROM ONLY) /

/** What one cleanup of half of the table showed. Milliseconds, and kB. */
interface Sweep {
  readonly ms: number
  readonly longestBatch: number
  readonly batches: readonly number[]
  readonly peak: number
}

const DELETE = 'one DELETE'
const SWEEP = 'cleanup'
const FIRST = 'under an old snapshot: the first tenth of the batches'
const LAST = 'under an old snapshot: the last tenth of the batches'
const LONGEST = 'the longest batch'
const WAIT = 'the longest wait of a writer'
const MEMORY = 'memory at a tenth of the rows (MB)'
const MEMORY_FULL = 'memory at all of the rows (MB)'

const goals: readonly Goal[] = [
  { name: 'cleanup beside one DELETE', of: SWEEP, against: DELETE, atMost: 5 },
  { name: 'last batches beside the first', of: LAST, against: FIRST, atMost: 1.3 },
  { name: LONGEST, of: LONGEST, atMost: 1000 },
  { name: WAIT, of: WAIT, atMost: 250 },
  { name: 'memory beside that at a tenth', of: MEMORY_FULL, against: MEMORY, atMost: 1.2 },
]

/** Half of ten million sessions are gone: beside one DELETE, under an old snapshot, beside a writer. `--rows=n`, `--quick`. */
export async function bench(options: readonly string[]): Promise<void> {
  const asked = options.map(option => Number(ROWS.exec(option)?.[1])).find(rows => rows > 0)
  const rows = asked ?? (options.includes('--quick') ? 1_000_000 : 10_000_000)
  await ensureRuntime('pg18')
  const server = await startServer({
    major: 18,
    settings: {
      fsync: 'on',
      synchronous_commit: 'on',
      shared_buffers: '512MB',
      max_wal_size: '4GB',
      autovacuum: 'off',
    },
  })
  const root = await mkdtemp(join(tmpdir(), 'bench-'))
  const admin = connect(server.url(), 1)
  const inCopy = async <T>(of: string, work: (url: string) => Promise<T>): Promise<T> => {
    await admin`CREATE DATABASE work TEMPLATE ${admin(of)} STRATEGY file_copy`
    await admin`CHECKPOINT`
    try {
      return await work(server.url('work'))
    } finally {
      await admin`DROP DATABASE work WITH (FORCE)`
    }
  }
  try {
    await writeFile(join(root, 'drizzle.config.ts'), CONFIG)
    await fill(admin, server.url, 'whole', rows)
    await fill(admin, server.url, 'tenth', rows / 10)
    const tenth = await inCopy('tenth', url => sweep(root, url))
    const deleted = await inCopy('whole', oneDelete)
    const alone = await inCopy('whole', url => sweep(root, url))
    const held = await inCopy('whole', url =>
      underOldSnapshot(url, () => sweep(root, url, '--batch-size', '1000')),
    )
    const beside = await inCopy('whole', url => besideWriter(url, rows, () => sweep(root, url)))
    const part = Math.ceil(held.batches.length / 10)
    const timings: Timing[] = [
      timing(DELETE, [deleted]),
      timing(SWEEP, [alone.ms]),
      timing(FIRST, [mean(held.batches.slice(0, part))]),
      timing(LAST, [mean(held.batches.slice(-part))]),
      timing(LONGEST, [Math.max(...[alone, held, beside.result].map(each => each.longestBatch))]),
      timing(WAIT, [beside.longest]),
      timing(MEMORY, [tenth.peak / 1024]),
      timing(MEMORY_FULL, [alone.peak / 1024]),
    ]
    report(timings, goals, options.includes('--json'))
  } finally {
    await admin.end()
    await server.stop('immediate')
    await rm(root, { recursive: true, force: true })
  }
}

const CONFIG = `export default { dialect: 'postgresql' }
export const ops = { cleanup: { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } } }
`

type Client = ReturnType<typeof connect>

/** Sessions as they come about: the older, the sooner they expire. Half of them have. */
async function fill(admin: Client, url: (name: string) => string, name: string, rows: number): Promise<void> {
  await admin`CREATE DATABASE ${admin(name)}`
  const sql = connect(url(name), 1)
  await sql`
    CREATE TABLE sessions (id bigint, user_id int NOT NULL, token text NOT NULL, expires_at timestamptz NOT NULL)`
  await sql`
    INSERT INTO sessions
    SELECT n, n % 100000, md5(n::text), now() + (n - ${rows / 2}::int) * interval '1 second'
    FROM generate_series(1, ${rows}::int) AS n`
  await sql`ALTER TABLE sessions ADD PRIMARY KEY (id)`
  await sql`CREATE INDEX ON sessions (expires_at)`
  await sql`VACUUM ANALYZE sessions`
  await sql.end()
}

async function oneDelete(url: string): Promise<number> {
  const sql = connect(url, 1)
  await sql`SELECT 1`
  const started = performance.now()
  await sql`DELETE FROM sessions WHERE expires_at < now()`
  const ms = performance.now() - started
  await sql.end()
  return ms
}

async function underOldSnapshot<T>(url: string, work: () => Promise<T>): Promise<T> {
  const sql = connect(url, 1)
  await sql`BEGIN ISOLATION LEVEL REPEATABLE READ`
  await sql`SELECT count(*) FROM pg_class`
  try {
    return await work()
  } finally {
    await sql.end()
  }
}

/** A client that updates rows all over the table, expired ones among them, one after the other. */
async function besideWriter(url: string, rows: number, work: () => Promise<Sweep>) {
  const sql = connect(url, 1)
  await sql`SELECT 1`
  let over = false
  let longest = 0
  const writing = (async () => {
    while (!over) {
      const id = 1 + Math.floor(Math.random() * rows)
      const started = performance.now()
      await sql`UPDATE sessions SET user_id = user_id + 1 WHERE id = ${id}`
      longest = Math.max(longest, performance.now() - started)
      await sleep(1)
    }
  })()
  const result = await work().finally(() => {
    over = true
  })
  await writing
  await sql.end()
  return { result, longest }
}

async function sweep(cwd: string, url: string, ...args: readonly string[]): Promise<Sweep> {
  const child = spawn(
    process.execPath,
    [program, 'cleanup', '--yes', '--allow', 'large', '--json', '--verbose', '--no-vacuum', ...args],
    {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, DRIZZLE_OPS_URL: url },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const output = { stdout: '', stderr: '' }
  let peak = 0
  child.stdout.on('data', chunk => (output.stdout += chunk))
  child.stderr.on('data', chunk => (output.stderr += chunk))
  const timer = setInterval(() => {
    try {
      peak = Number(HIGH_WATER.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak)
    } catch {
      // it has just ended
    }
  }, 20)
  const [code] = await once(child, 'close').finally(() => clearInterval(timer))
  if (code !== 0)
    throw new Error(`cleanup exited with ${code}:\n${output.stdout}\n${output.stderr.slice(-2000)}`)
  const { policies } = JSON.parse(output.stdout) as {
    policies: [{ ms: number; longestBatchMs: number; vacuumMs?: number }]
  }
  const batches = output.stderr.split('\n').flatMap(line => {
    const [, amount, unit] = BATCH.exec(line) ?? []
    return amount === undefined ? [] : [Number(amount) * (unit === 's' ? 1000 : 1)]
  })
  return { ms: policies[0].ms, longestBatch: policies[0].longestBatchMs, batches, peak }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length
}
