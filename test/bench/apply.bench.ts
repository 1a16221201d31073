import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { timeInTurn } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const COUNT = 500

const goals = [
  {
    name: 'migrate / drizzle-kit migrate',
    of: 'drizzle-ops migrate',
    against: 'drizzle-kit migrate',
    atMost: 1,
  },
  { name: 'migrate / psql', of: 'drizzle-ops migrate', against: 'psql', atMost: 1.6 },
]

/** 500 pending migrations of two statements each: one transaction for each file (drizzle-kit: one for all). */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const server = await startServer({ major: 18, settings: { fsync: 'on' } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const admin = connect(server.url('postgres'))
  const afresh = async () => {
    await admin`DROP DATABASE IF EXISTS bench WITH (FORCE)`
    await admin`CREATE DATABASE bench`
  }
  try {
    await makeProject(folder)
    const env = { DATABASE_URL: server.url('bench'), HOME: folder }
    const node = process.execPath
    const timings = await timeInTurn(
      [
        {
          name: 'drizzle-ops migrate',
          command: [node, join(repository, 'bin/drizzle-ops.js'), 'migrate', '--quiet'],
          cwd: folder,
          env,
          before: afresh,
        },
        {
          name: 'drizzle-kit migrate',
          command: [node, join(repository, 'node_modules/drizzle-kit/bin.cjs'), 'migrate'],
          cwd: folder,
          env,
          before: afresh,
        },
        {
          name: 'psql',
          command: ['psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-f', 'all.sql', server.url('bench')],
          cwd: folder,
          env,
          before: afresh,
        },
      ],
      options.includes('--quick') ? 3 : 7,
    )
    report(timings, goals, options.includes('--json'))
  } finally {
    await admin.end()
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

/** The project, and the same statements in the same transactions for psql. */
async function makeProject(root: string): Promise<void> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(
    join(root, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit'\nexport default defineConfig({ dialect: 'postgresql', schema: './s.ts', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL as string } })\n`,
  )
  const entries = []
  const all = [
    'CREATE SCHEMA drizzle;',
    'CREATE TABLE drizzle.history (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);',
  ]
  for (let idx = 0; idx < COUNT; idx += 1) {
    const tag = `${String(idx).padStart(4, '0')}_step`
    const when = 1_767_225_600_000 + idx * 1000
    const statements = [
      `CREATE TABLE "t${idx}" ("id" integer PRIMARY KEY, "name" text);`,
      `CREATE INDEX "t${idx}_name" ON "t${idx}" ("name");`,
    ]
    entries.push({ idx, version: '7', when, tag, breakpoints: true })
    await writeFile(join(root, 'drizzle', `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'))
    all.push(
      'BEGIN;',
      ...statements,
      `INSERT INTO drizzle.history (hash, created_at) VALUES ('${'0'.repeat(64)}', ${when});`,
      'COMMIT;',
    )
  }
  await writeFile(
    join(root, 'drizzle/meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  await writeFile(join(root, 'all.sql'), all.join('\n'))
}
