import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { emptyFolder } from './program.ts'

export interface TestMigration {
  readonly name: string
  readonly sql: string
  /** Milliseconds since 1970; the position in the list, one minute apart, unless given. */
  readonly when?: number
}

export interface TestProject {
  readonly root: string
  readonly out: string
}

/** 2026-01-01T00:00:00Z */
const EPOCH = 1_767_225_600_000

/** A project in a folder of its own with drizzle 0.x's journal. Its config is JSON, unless `config` gives another file. */
export function journalProject(
  migrations: readonly TestMigration[],
  config: Record<string, unknown> = {},
): TestProject {
  const project = emptyProject(config)
  writeJournal(project, migrations)
  return project
}

/** A project with drizzle 1.0's folders. */
export function foldersProject(
  migrations: readonly TestMigration[],
  config: Record<string, unknown> = {},
): TestProject {
  const project = emptyProject(config)
  for (const { name, sql } of migrations) write(join(project.out, name, 'migration.sql'), sql)
  return project
}

/** A project without a migrations folder. */
export function emptyProject(config: Record<string, unknown> = {}): TestProject {
  const root = emptyFolder()
  write(join(root, 'package.json'), '{}')
  write(
    join(root, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', out: './drizzle', ...config }),
  )
  return { root, out: join(root, 'drizzle') }
}

/** Writes the journal and the SQL files anew. */
export function writeJournal({ out }: TestProject, migrations: readonly TestMigration[]): void {
  const entries = migrations.map(({ name, when }, idx) => ({
    idx,
    version: '7',
    when: when ?? EPOCH + idx * 60_000,
    tag: name,
    breakpoints: true,
  }))
  write(
    join(out, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }, null, 2),
  )
  for (const { name, sql } of migrations) write(join(out, `${name}.sql`), sql)
}

export function write(file: string, text: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
