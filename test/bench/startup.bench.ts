import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureRuntime, platformPackage } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { type Contender, timeInTurn } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const program = join(repository, 'bin/drizzle-ops.js')

const goals = [
  { name: '--version / node', of: 'drizzle-ops --version', against: 'node -e 0', atMost: 1.3 },
  {
    name: 'status / select',
    of: 'drizzle-ops status',
    against: 'node + postgres.js + select 1',
    atMost: 1.5,
  },
  {
    name: 'no-op migrate / select',
    of: 'drizzle-ops migrate (no-op)',
    against: 'node + postgres.js + select 1',
    atMost: 1.5,
  },
  {
    name: 'status, cold cache / select',
    of: 'drizzle-ops status, cold cache',
    against: 'node + postgres.js + select 1',
    atMost: 2.2,
  },
  {
    name: 'no-op migrate, cold cache / select',
    of: 'drizzle-ops migrate (no-op), cold cache',
    against: 'node + postgres.js + select 1',
    atMost: 2.2,
  },
  {
    name: 'no-op migrate / drizzle-kit migrate',
    of: 'drizzle-ops migrate (no-op)',
    against: 'drizzle-kit migrate (no-op)',
    atMost: 0.5,
  },
]

/** Start-up and no-op paths as whole processes, with 50 and 5,000 applied migrations, beside drizzle-kit and dbmate. */
export async function bench(options: readonly string[]): Promise<void> {
  const dbmate = join(await platformPackage('dbmate'), 'bin/dbmate')
  await ensureRuntime('pg18')
  const server = await startServer({ major: 18, settings: { fsync: 'on' } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const small = await makeProject(join(folder, 'small'), 50)
    const large = await makeProject(join(folder, 'large'), 5000)
    const env = (database: string) => ({ DATABASE_URL: server.url(database), HOME: folder, NO_COLOR: '1' })
    const ops = (
      args: string[],
      cwd = small,
      database = 'small',
    ): Pick<Contender, 'command' | 'cwd' | 'env'> => ({
      command: [process.execPath, program, ...args],
      cwd,
      env: env(database),
    })
    await timeInTurn([{ name: 'fill small', ...ops(['migrate', '--create-database', '--quiet']) }], 1)
    await timeInTurn(
      [{ name: 'fill large', ...ops(['migrate', '--create-database', '--quiet'], large, 'large') }],
      1,
    )
    const forgetTranspiled = () => rm(join(folder, '.cache'), { recursive: true, force: true })
    const timings = await timeInTurn(
      [
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
        {
          name: 'node + postgres.js + select 1',
          command: [process.execPath, join(repository, 'test/bench/select.mjs')],
          env: env('small'),
        },
        { name: 'drizzle-ops --version', ...ops(['--version']) },
        { name: 'drizzle-ops --help', ...ops(['--help']) },
        { name: 'drizzle-ops status, cold cache', ...ops(['status']), before: forgetTranspiled },
        { name: 'drizzle-ops status', ...ops(['status']) },
        { name: 'drizzle-ops migrate (no-op), cold cache', ...ops(['migrate']), before: forgetTranspiled },
        { name: 'drizzle-ops migrate (no-op)', ...ops(['migrate']) },
        { name: 'drizzle-ops status, 5,000 migrations', ...ops(['status'], large, 'large') },
        {
          name: 'drizzle-kit migrate (no-op)',
          command: [process.execPath, join(repository, 'node_modules/drizzle-kit/bin.cjs'), 'migrate'],
          cwd: small,
          env: env('small'),
        },
        {
          name: 'dbmate status (native binary)',
          command: [dbmate, '--no-dump-schema', 'status'],
          cwd: small,
          env: { ...env('small'), DATABASE_URL: `${server.url('small')}?sslmode=disable` },
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

/** A project as `npm init` and drizzle-kit leave it, with a TypeScript config and `count` migrations; dbmate's beside them. */
async function makeProject(root: string, count: number): Promise<string> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await mkdir(join(root, 'db/migrations'), { recursive: true })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(
    join(root, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit'\n\nexport default defineConfig({\n  dialect: 'postgresql',\n  schema: './schema.ts',\n  out: './drizzle',\n  dbCredentials: { url: process.env.DATABASE_URL as string },\n})\n`,
  )
  await writeFile(join(root, 'schema.ts'), 'export {}\n')
  const entries = []
  for (let idx = 0; idx < count; idx += 1) {
    const tag = `${String(idx).padStart(4, '0')}_step`
    entries.push({ idx, version: '7', when: 1_767_225_600_000 + idx * 1000, tag, breakpoints: true })
    await writeFile(
      join(root, 'drizzle', `${tag}.sql`),
      `CREATE TABLE "t${idx}" ("id" integer);\n--> statement-breakpoint\nDROP TABLE "t${idx}";`,
    )
    await writeFile(
      join(root, 'db/migrations', `${20260101000000 + idx}_step.sql`),
      `-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n`,
    )
  }
  await writeFile(
    join(root, 'drizzle/meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  return root
}
