import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { fillBigCatalog } from './big-catalog.ts'
import { timeInTurn } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const TABLES = Number(process.env.BENCH_TABLES ?? 2000)

const goals = [
  { name: 'stats tables', of: 'drizzle-ops stats tables', atMost: 300 },
  { name: 'stats indexes', of: 'drizzle-ops stats indexes', atMost: 300 },
  {
    name: 'stats tables --json / total sizes',
    of: 'drizzle-ops stats tables --json',
    against: 'node + postgres.js + total sizes',
    atMost: 1.5,
  },
]

const reports = [
  'tables',
  'indexes',
  'tables --json',
  'indexes --json',
  'redundant-indexes',
  'fk-indexes',
  'sequences',
  'bloat',
  'vacuum',
  'constraints',
]

/** Reports on a database of 2,000 tables and 10,000 indexes, as whole processes; with --json they have every row. */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const server = await startServer({ major: 18, settings: { fsync: 'on', autovacuum: false } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const sql = connect(server.url(), 1)
  try {
    await fillBigCatalog(sql, TABLES)
    const env = { DATABASE_URL: server.url(), HOME: folder, NO_COLOR: '1' }
    const contenders = reports.map(name => ({
      name: `drizzle-ops stats ${name}`,
      command: [
        process.execPath,
        join(repository, 'bin/drizzle-ops.js'),
        'stats',
        ...name.split(' '),
      ] as const,
      cwd: folder,
      env,
    }))
    const bare = (name: string, script: string) => ({
      name: `node + postgres.js + ${name}`,
      command: [process.execPath, join(repository, 'test/bench', script)] as const,
      env,
    })
    const timings = await timeInTurn(
      // npm's postgres-extras cannot be had any more; its report is this one question
      [bare('select 1', 'select.mjs'), bare('total sizes', 'stats-sizes.mjs'), ...contenders],
      options.includes('--quick') ? 3 : 9,
    )
    report(timings, goals, options.includes('--json'))
  } finally {
    await sql.end()
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}
