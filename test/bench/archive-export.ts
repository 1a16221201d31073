import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { Contender } from './measure.ts'
import type { Goal } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const program = join(repository, 'bin/drizzle-ops.js')

/** How many rows there are: of one project, of the table that is exported whole, and beside a small project. */
export interface Sizes {
  readonly project: number
  readonly table: number
  readonly haystack: number
}

/** The sizes of the issue, or a hundredth with `--quick`. */
export function sizesOf(options: readonly string[]): Sizes {
  const part = options.includes('--quick') ? 100 : 1
  return { project: 250_000 / part, table: 1_000_000 / part, haystack: 10_000_000 / part }
}

/** The platform's tables, as its migrations make them. */
export async function makePlatform(sql: Sql): Promise<void> {
  const folder = join(repository, 'drizzle')
  const files = (await readdir(folder)).filter(file => file.endsWith('.sql')).sort()
  for (const file of files) await sql.unsafe(await readFile(join(folder, file), 'utf8'))
}

export const SMALL = 'export a small project'
export const CONNECT = 'node + connect + select'

export const PROJECT = '00000000-0000-4000-8000-000000000001'

/** One project whose rows are messages but for one in a hundred, and a second one that it must not touch. */
export async function fillProject(sql: Sql, rows: number): Promise<void> {
  await sql.unsafe(`
    INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com'), ('bob', 'bob@example.com');
    INSERT INTO projects (id, user_id, name, description)
    VALUES ('${PROJECT}', 'ada', 'Big', 'Big'), (gen_random_uuid(), 'bob', 'Other', 'Other');
    INSERT INTO conversations (project_id) SELECT id FROM projects, generate_series(1, ${Math.round(rows / 200)});
    INSERT INTO project_files (project_id, path, content)
    SELECT id, 'src/' || n || '.ts', repeat(md5(n::text), 60) FROM projects, generate_series(1, ${Math.round(rows / 200)}) AS n;
    INSERT INTO messages (conversation_id, role, content, created_at)
    SELECT id, 'user', repeat(md5(n::text || id), 10) || E'\\n"quoted" \\\\ and more', timestamptz '2026-01-01' + n * interval '1 second'
    FROM conversations, generate_series(1, 198) AS n`)
  await sql`VACUUM ANALYZE`
}

/** 400 bytes a row, for a million rows. */
export async function fillTable(sql: Sql, rows: number): Promise<void> {
  await sql.unsafe(`
    INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com');
    INSERT INTO projects (id, user_id, name, description) VALUES ('${PROJECT}', 'ada', 'Big', 'Big');
    INSERT INTO conversations (project_id) SELECT '${PROJECT}' FROM generate_series(1, 1000);
    INSERT INTO messages (conversation_id, role, content, created_at)
    SELECT id, 'user', repeat(md5(n::text || id), 8) || E'\\n"quoted" \\\\ and more', timestamptz '2026-01-01' + n * interval '1 second'
    FROM conversations, generate_series(1, ${rows / 1000}) AS n`)
  await sql`VACUUM ANALYZE`
}

/** A project of a hundred rows among very many of others. */
export async function fillHaystack(sql: Sql, rows: number): Promise<void> {
  await sql.unsafe(`
    INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com');
    INSERT INTO projects (user_id, name, description) SELECT 'ada', 'P' || n, '' FROM generate_series(1, ${rows / 100}) AS n;
    INSERT INTO projects (id, user_id, name, description) VALUES ('${PROJECT}', 'ada', 'Needle', '');
    INSERT INTO conversations (project_id) SELECT id FROM projects;
    INSERT INTO messages (conversation_id, role, content, created_at)
    SELECT id, 'user', 'hello', timestamptz '2026-01-01' FROM conversations, generate_series(1, 97)`)
  await sql`VACUUM ANALYZE`
}

/** Whole processes to time. `url` gives the URL of a database, `folder` is where files go. */
export function exportContenders(url: (database: string) => string, folder: string): Contender[] {
  const ops = (name: string, database: string, args: string[]): Contender => ({
    name,
    command: [process.execPath, program, 'export', ...args, '--url', url(database), '--quiet'],
    cwd: folder,
    env: { HOME: folder },
  })
  const file = ['-o', join(folder, 'out.ndjson')]
  return [
    ops('export a project', 'project', ['projects', PROJECT, ...file]),
    ops('export a table', 'whole', ['messages', '--where', 'true', '--exclude', 'conversations', ...file]),
    {
      name: 'psql \\copy (select row_to_json …)',
      command: [
        'psql',
        '-qX',
        url('whole'),
        '-c',
        `\\copy (select row_to_json(m) from messages m) to '${join(folder, 'psql.json')}'`,
      ],
    },
    // to standard output, so that it waits for no disk
    ops(SMALL, 'haystack', ['projects', PROJECT]),
    {
      name: CONNECT,
      command: [process.execPath, join(repository, 'test/bench/select.mjs')],
      env: { DATABASE_URL: url('haystack') },
    },
  ]
}

export const exportGoals: readonly Goal[] = [
  { name: 'export a project, ms', of: 'export a project', atMost: 2500 },
  {
    name: 'export / psql row_to_json',
    of: 'export a table',
    against: 'psql \\copy (select row_to_json …)',
    atMost: 2,
  },
  {
    name: 'small project / node + connect + select',
    of: SMALL,
    against: CONNECT,
    atMost: 2.2,
  },
]
