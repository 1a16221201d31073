import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDefinitions } from '../../src/catalog/definitions/read.ts'
import { databaseDifferences, sideOptions } from '../../src/drift/database.ts'
import { ignoring } from '../../src/drift/ignore.ts'
import { withFoundNames } from '../../src/drift/names.ts'
import { sideOf } from '../../src/drift/side.ts'
import { projectWith } from '../support/context.ts'
import { connected } from '../support/planning.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { timeInTurn, timing } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const TABLES = 300

const goals = [
  { name: 'two catalogs read and compared', of: 'read both catalogs and compare', atMost: 2000 },
  {
    name: 'drift / drizzle-kit push (no-op)',
    of: 'drizzle-ops drift',
    against: 'drizzle-kit push (no-op)',
    atMost: 0.5,
  },
]

/** 300 tables of 11 columns, an index and a foreign key each: what drift does once the scratch database is there, and the whole of it beside drizzle-kit's own comparison. */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const server = await startServer({ major: 18, settings: { fsync: 'on' } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    await makeProject(folder)
    const node = process.execPath
    const program = join(repository, 'bin/drizzle-ops.js')
    const kit = join(repository, 'node_modules/drizzle-kit/bin.cjs')
    const whole = { cwd: folder, env: { DATABASE_URL: server.url('bench'), HOME: folder } }
    await timeInTurn(
      [{ name: 'fill', command: [node, program, 'migrate', '--create-database', '--quiet'], ...whole }],
      1,
    )
    const runs = options.includes('--quick') ? 3 : 7
    const parts = await timeParts(server.url('bench'), runs)
    const timings = await timeInTurn(
      [
        { name: 'drizzle-ops drift', command: [node, program, 'drift', '--fail-on', 'unknown'], ...whole },
        {
          name: 'drizzle-ops drift --only database',
          command: [node, program, 'drift', '--only', 'database', '--fail-on', 'unknown'],
          ...whole,
        },
        { name: 'drizzle-kit push (no-op)', command: [node, kit, 'push', '--force'], ...whole },
      ],
      options.includes('--quick') ? 1 : 3,
    )
    report([parts, ...timings], goals, options.includes('--json'))
  } finally {
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

/** The database read twice, as if one of them were the scratch. */
async function timeParts(url: string, runs: number) {
  const times: number[] = []
  const options = sideOptions(projectWith({}), false)
  await connected({ url }, async database => {
    for (let run = -1; run < runs; run += 1) {
      const started = performance.now()
      const found = sideOf(await readDefinitions(database), options)
      const expected = await withFoundNames(database, found, options)
      const differences = databaseDifferences(expected, found, ignoring([], 'drizzle.config.ts'))
      if (differences.length > 0 || found.things.size <= TABLES * 12)
        throw new Error('The bench compares nothing.')
      if (run >= 0) times.push(performance.now() - started)
    }
  })
  return timing('read both catalogs and compare', times)
}

/** Its only migration is what drizzle-kit generates from its schema. */
async function makeProject(root: string): Promise<void> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(
    join(root, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit'\nexport default defineConfig({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL as string } })\n`,
  )
  const columns = Array.from({ length: 9 }, (_, at) => `c${at}: text().notNull().default('x')`).join(', ')
  const tables = Array.from({ length: TABLES }, (_, at) => {
    const parent = at === 0 ? 'parent: integer()' : `parent: integer().references(() => t${at - 1}.id)`
    return `export const t${at} = pgTable('t${at}', { id: integer().primaryKey(), ${parent}, ${columns} }, t => [index('t${at}_c0').on(t.c0)])`
  })
  await writeFile(
    join(root, 'schema.ts'),
    `import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'\n${tables.join('\n')}\n`,
  )
  await timeInTurn(
    [
      {
        name: 'generate',
        command: [process.execPath, join(repository, 'node_modules/drizzle-kit/bin.cjs'), 'generate'],
        cwd: root,
        env: { HOME: root, DATABASE_URL: 'postgres://localhost' },
        before: async () => {
          await rm(join(root, 'drizzle'), { recursive: true, force: true })
        },
      },
    ],
    1,
  )
}
