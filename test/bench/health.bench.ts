import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startServer } from '../support/servers.ts'
import { fillBigCatalog } from './big-catalog.ts'
import { timeInTurn } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const program = join(repository, 'bin/drizzle-ops.js')

/** Tables of the large database; five indexes each. */
const TABLES = Number(process.env.BENCH_TABLES ?? 2000)

const goals = [
  {
    name: 'health / select',
    of: 'drizzle-ops health',
    against: 'node + postgres.js + select 1',
    atMost: 1.7,
  },
  { name: `health --deep, ${TABLES} tables`, of: 'drizzle-ops health --deep', atMost: 2000 },
]

/** A probe's check in a project with 50 migrations, and everything there is to check on a large catalog. */
export async function bench(options: readonly string[]): Promise<void> {
  const server = await startServer({ major: 18, settings: { fsync: true, full_page_writes: true } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const admin = postgres(server.url(), { max: 1, onnotice: () => undefined })
    await admin`CREATE DATABASE small`
    await admin`CREATE DATABASE big`
    await admin.end()
    const big = postgres(server.url('big'), { max: 1, onnotice: () => undefined })
    await fillBigCatalog(big, TABLES)
    await big.end()
    const project = await makeProject(join(folder, 'project'), 50)
    const env = (database: string) => ({ DATABASE_URL: server.url(database), HOME: folder, NO_COLOR: '1' })
    const ops = (...args: string[]) => [process.execPath, program, ...args] as const
    await timeInTurn(
      [{ name: 'migrate', command: ops('migrate', '--quiet'), cwd: project, env: env('small') }],
      1,
    )
    const timings = await timeInTurn(
      [
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
        {
          name: 'node + postgres.js + select 1',
          command: [process.execPath, join(repository, 'test/bench/select.mjs')],
          env: env('small'),
        },
        { name: 'drizzle-ops health', command: ops('health'), cwd: project, env: env('small') },
        {
          name: 'drizzle-ops health --nagios',
          command: ops('health', '--nagios'),
          cwd: project,
          env: env('small'),
        },
        {
          name: 'drizzle-ops health --deep, small',
          command: ops('health', '--deep'),
          cwd: project,
          env: env('small'),
        },
        {
          name: 'drizzle-ops health --deep',
          command: ops('health', '--deep', '--json', '--url', server.url('big')),
          cwd: folder,
          env: env('big'),
        },
      ],
      options.includes('--quick') ? 3 : 15,
    )
    report(timings, goals, options.includes('--json'))
  } finally {
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

/** A project with a TypeScript config and `count` migrations of one table each. */
async function makeProject(root: string, count: number): Promise<string> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(
    join(root, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit'\n\nexport default defineConfig({\n  dialect: 'postgresql',\n  out: './drizzle',\n  dbCredentials: { url: process.env.DATABASE_URL as string },\n})\n`,
  )
  const entries = Array.from({ length: count }, (_, idx) => ({
    idx,
    version: '7',
    when: 1_767_225_600_000 + idx * 1000,
    tag: `${String(idx).padStart(4, '0')}_step`,
    breakpoints: true,
  }))
  for (const { tag, idx } of entries)
    await writeFile(join(root, 'drizzle', `${tag}.sql`), `CREATE TABLE "t${idx}" ("id" integer PRIMARY KEY);`)
  await writeFile(
    join(root, 'drizzle/meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  return root
}
