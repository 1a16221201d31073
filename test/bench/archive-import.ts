import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { connect } from '../support/client.ts'
import type { Contender } from './measure.ts'
import type { Goal } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const program = join(repository, 'bin/drizzle-ops.js')

const MESSAGES = 'messages'

/** What is imported: the archives of a project and of a large table, and the table as psql has it. */
export interface ImportFiles {
  readonly project: string
  readonly table: string
  readonly text: string
}

/** Writes them from the databases `project` and `whole`, which export has been timed on. */
export function makeFiles(
  url: (database: string) => string,
  folder: string,
  project: readonly string[],
): ImportFiles {
  const files = {
    project: join(folder, 'project.ndjson'),
    table: join(folder, 'table.ndjson'),
    text: join(folder, 'table.txt'),
  }
  const ops = (database: string, args: readonly string[], file: string) =>
    execFileSync(
      process.execPath,
      [program, 'export', ...args, '--url', url(database), '-o', file, '--quiet'],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder },
      },
    )
  ops('project', project, files.project)
  ops('whole', [MESSAGES, '--where', 'true', '--exclude', 'conversations'], files.table)
  execFileSync('psql', ['-qX', url('whole'), '-c', `\\copy ${MESSAGES} to '${files.text}'`])
  return files
}

/** `into` is `whole` without its messages: indexed, and with all that they refer to. */
export async function makeTargets(admin: Sql, url: (database: string) => string): Promise<void> {
  await admin`CREATE DATABASE ${admin('into')} TEMPLATE ${admin('whole')}`
  await emptied(url('into'), MESSAGES)
}

/** `copies` is `project` as it was: an import beside what earlier runs left would find larger indexes each time. */
async function copied(url: (database: string) => string): Promise<void> {
  const admin = connect(url('postgres'), 1)
  await admin`DROP DATABASE IF EXISTS ${admin('copies')}`
  await admin`CREATE DATABASE ${admin('copies')} TEMPLATE ${admin('project')}`
  await admin`CHECKPOINT`
  await admin.end()
}

async function emptied(url: string, ...tables: readonly string[]): Promise<void> {
  const sql = connect(url, 1)
  await sql`TRUNCATE ${sql(tables)} CASCADE`
  await sql`CHECKPOINT`
  await sql.end()
}

/** Whole processes to time, each into tables without its rows. */
export function importContenders(
  url: (database: string) => string,
  folder: string,
  files: ImportFiles,
): Contender[] {
  const ops = (name: string, database: string, args: string[], before?: () => Promise<void>): Contender => ({
    name,
    command: [process.execPath, program, 'import', ...args, '--url', url(database), '--yes', '--json'],
    cwd: folder,
    env: { HOME: folder },
    ...(before && { before }),
  })
  return [
    ops('import a project, new ids', 'copies', [files.project, '--new-ids', '--unique', 'suffix'], () =>
      copied(url),
    ),
    ops('import a table', 'into', [files.table], () => emptied(url('into'), MESSAGES)),
    {
      name: 'psql \\copy in',
      command: ['psql', '-qX', url('into'), '-c', `\\copy ${MESSAGES} from '${files.text}'`],
      before: () => emptied(url('into'), MESSAGES),
    },
  ]
}

export const importGoals: readonly Goal[] = [
  { name: 'import a project with new ids, ms', of: 'import a project, new ids', atMost: 8000 },
  { name: 'import with verification / psql', of: 'import a table', against: 'psql \\copy in', atMost: 2 },
]
