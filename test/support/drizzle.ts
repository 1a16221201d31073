import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterFile } from './cleanup.ts'
import type { TestDatabase } from './databases.ts'
import { emptyProject, type TestProject, write, writeJournal } from './project.ts'
import { ensureRuntime } from './runtimes.ts'
import { type Finished, runScript } from './spawn.ts'

/** The two drizzles that people have: kit 0.31 with orm 0.45, and kit and orm 1.0. */
export type Generation = '0.x' | '1.0'

/** Where drizzle records what was applied, if not in its own default. */
export interface Table {
  readonly schema?: string
  readonly table?: string
}

/** A row of drizzle's table as it is; name and applied_at in the 1.0 shape only. */
export interface StockRow {
  readonly id: number
  readonly hash: string
  /** A bigint's text. */
  readonly created_at: string | null
  readonly name?: string | null
  readonly applied_at?: Date | null
}

export const repository = join(import.meta.dirname, '../..')

const script = join(import.meta.dirname, 'stock-migrate.mjs')
const patience = 25_000

/** drizzle-kit's own command. 0.31 exits 0 on some failures and prints little: look at the database. */
export async function kit(
  generation: Generation,
  args: readonly string[],
  project: TestProject,
  database?: TestDatabase,
): Promise<Finished> {
  const own = JSON.parse(readFileSync(join(project.root, 'drizzle.config.json'), 'utf8'))
  const config = { ...own, ...(database && { dbCredentials: { url: database.url } }) }
  // 1.0 cannot load a config that is JSON
  write(join(project.root, 'stock.config.ts'), `export default ${JSON.stringify(config)}`)
  return runScript(await kitBinary(generation), [...args, '--config=stock.config.ts'], {
    cwd: project.root,
    timeout: patience,
  })
}

export async function kitBinary(generation: Generation): Promise<string> {
  return join(await folderOf(generation), 'node_modules/drizzle-kit/bin.cjs')
}

/** drizzle-orm's own migrate(), in a process of its own. */
export async function orm(
  generation: Generation,
  { out }: TestProject,
  { url }: TestDatabase,
  { schema, table }: Table = {},
): Promise<Finished> {
  const config = { migrationsFolder: out, migrationsSchema: schema, migrationsTable: table }
  const args = [await folderOf(generation), JSON.stringify(config), generation]
  return runScript(script, args, { env: { STOCK_URL: url }, timeout: patience })
}

async function folderOf(generation: Generation): Promise<string> {
  return generation === '0.x' ? repository : ensureRuntime('drizzle-1.0')
}

/** The rows of drizzle's table in the order of their ids. */
export async function stockRows(sql: Sql, table: Table = {}): Promise<StockRow[]> {
  const { schema = 'drizzle', table: name = '__drizzle_migrations' } = table
  const relation = [schema, name].map(word => `"${word.replaceAll('"', '""')}"`).join('.')
  return [...(await sql.unsafe<StockRow[]>(`SELECT * FROM ${relation} ORDER BY id`))]
}

/** What must be the same in two databases that were migrated alike: the catalog, and the rows but for id and applied_at. */
export async function picture(database: TestDatabase, table?: Table) {
  const rows = await stockRows(database.sql, table)
  return { rows: rows.map(({ id, applied_at, ...row }) => row), catalog: await database.dump() }
}

/** A project with the first of the repository's own migrations, all five unless told. */
export function ownProject(count = Number.POSITIVE_INFINITY): TestProject {
  const project = emptyProject()
  cpSync(join(repository, 'drizzle'), project.out, { recursive: true })
  const { entries } = JSON.parse(readFileSync(join(project.out, 'meta/_journal.json'), 'utf8'))
  writeJournal(
    project,
    entries.slice(0, count).map(({ tag, when }: { tag: string; when: number }) => ({
      name: tag,
      when,
      sql: readFileSync(join(project.out, `${tag}.sql`), 'utf8'),
    })),
  )
  return project
}

const upgraded = new Map<number, Promise<string>>()

/** The same in 1.0's layout, made by `drizzle-kit up`. */
export async function ownFolders(count = Number.POSITIVE_INFINITY): Promise<TestProject> {
  const made = upgraded.get(count) ?? madeByKit(count)
  upgraded.set(count, made)
  const project = emptyProject()
  cpSync(await made, project.out, { recursive: true })
  return project
}

async function madeByKit(count: number): Promise<string> {
  const project = ownProject(count)
  const { stdout, stderr, code } = await kit('1.0', ['up'], project)
  if (code !== 0) throw new Error(`drizzle-kit up failed:\n${stdout}\n${stderr}`)
  const kept = mkdtempSync(join(tmpdir(), 'folders-'))
  afterFile(async () => rmSync(kept, { recursive: true }))
  cpSync(project.out, kept, { recursive: true })
  return kept
}
