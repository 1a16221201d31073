import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureRuntime } from '../support/runtimes.ts'
import { type Contender, timeInTurn } from './measure.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const COUNT = 100

const goals = [
  { name: 'lint / squawk', of: 'drizzle-ops lint', against: 'squawk (npm squawk-cli)', atMost: 3 },
]

/** 100 migrations as drizzle-kit writes them: all of them by us, whole processes, beside squawk, a native binary that npm starts through Node. */
export async function bench(options: readonly string[]): Promise<void> {
  const squawk = join(await ensureRuntime('squawk'), 'node_modules')
  const native = join(squawk, `@squawk-cli/${process.platform}-${process.arch}/bin/squawk`)
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const files = await makeProject(folder)
    const within = { cwd: folder, env: { HOME: folder, NO_COLOR: '1' } }
    const timings = await timeInTurn(
      [
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
        {
          name: 'drizzle-ops lint',
          command: whateverItSays(process.execPath, join(repository, 'bin/drizzle-ops.js'), 'lint', '--all'),
          ...within,
        },
        {
          name: 'drizzle-ops lint --json',
          command: whateverItSays(
            process.execPath,
            join(repository, 'bin/drizzle-ops.js'),
            'lint',
            '--all',
            '--json',
          ),
          ...within,
        },
        {
          name: 'squawk (npm squawk-cli)',
          command: whateverItSays(
            process.execPath,
            join(squawk, 'squawk-cli/js/bin/squawk'),
            '--assume-in-transaction',
            ...files,
          ),
          ...within,
        },
        {
          name: 'squawk (its binary alone)',
          command: whateverItSays(native, '--assume-in-transaction', ...files),
          ...within,
        },
      ],
      options.includes('--quick') ? 3 : 15,
    )
    report(timings, goals, options.includes('--json'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Both exit with a code of their own where they find something. */
function whateverItSays(...command: readonly string[]): Contender['command'] {
  return ['sh', '-c', '"$0" "$@" || true', ...command]
}

async function makeProject(root: string): Promise<string[]> {
  await mkdir(join(root, 'drizzle/meta'), { recursive: true })
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(join(root, 'drizzle.config.json'), '{"dialect":"postgresql","out":"./drizzle"}')
  const tags = Array.from({ length: COUNT }, (_, index) => `${String(index).padStart(4, '0')}_step`)
  for (const [index, tag] of tags.entries())
    await writeFile(join(root, 'drizzle', `${tag}.sql`), migration(index))
  const entries = tags.map((tag, idx) => ({ idx, version: '7', when: 1_767_225_600_000 + idx * 1000, tag }))
  await writeFile(
    join(root, 'drizzle/meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  return tags.map(tag => `drizzle/${tag}.sql`)
}

/** A new table in every file, and changes to the one of the file before. */
function migration(index: number): string {
  const table = `items_${index}`
  const older = `items_${index - 1}`
  const columns = Array.from({ length: 8 }, (_, column) => `\t"column_${column}" text DEFAULT '' NOT NULL`)
  return [
    `CREATE TABLE "${table}" (\n\t"id" bigserial PRIMARY KEY NOT NULL,\n\t"parent_id" bigint,\n${columns.join(',\n')},\n\t"created_at" timestamp with time zone DEFAULT now() NOT NULL\n);\n`,
    ...(index === 0
      ? []
      : [
          `ALTER TABLE "${older}" ADD COLUMN "extra" text;`,
          `ALTER TABLE "${older}" ALTER COLUMN "column_1" SET DATA TYPE varchar(255);`,
          `ALTER TABLE "${table}" ADD CONSTRAINT "${table}_parent_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."${older}"("id") ON DELETE cascade ON UPDATE no action;`,
          `CREATE INDEX "${older}_extra_idx" ON "${older}" USING btree ("extra");`,
        ]),
    `CREATE INDEX "${table}_parent_idx" ON "${table}" USING btree ("parent_id");`,
  ].join('--> statement-breakpoint\n')
}
