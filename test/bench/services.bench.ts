import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import * as schema from '../../src/platform/schema/index.ts'
import { upsertFiles } from '../../src/platform/services/files.ts'
import type { Page } from '../../src/platform/services/page.ts'
import { listProjects } from '../../src/platform/services/project-lists.ts'
import { startServer } from '../support/servers.ts'
import { timing } from './measure.ts'
import { type Goal, report } from './report.ts'

const migrations = join(import.meta.dirname, '../../drizzle')

const PROJECTS = Number(process.env.BENCH_PROJECTS ?? 1_000_000)
const USERS = Math.max(1, PROJECTS / 100)
const FILES = Number(process.env.BENCH_FILES ?? 10_000)

const COLUMNS =
  'id, user_id, name, description, status, validation_score, preview_url, sandbox_id, deleted_at, created_at, updated_at'
const NEWEST = 'deleted_at IS NULL ORDER BY updated_at DESC, id DESC'
const BY_HAND = {
  'all projects': `SELECT ${COLUMNS} FROM projects WHERE ${NEWEST} LIMIT 51`,
  "a user's projects": `SELECT ${COLUMNS} FROM projects WHERE user_id = 'user-7' AND ${NEWEST} LIMIT 51`,
  'the next page': `SELECT ${COLUMNS} FROM projects WHERE (updated_at, id) < (SELECT updated_at, id FROM projects WHERE ${NEWEST} OFFSET 50 LIMIT 1) AND ${NEWEST} LIMIT 51`,
}

/** The lists of a platform with a million projects beside SQL by hand, and ten thousand files beside psql. */
export async function bench(options: readonly string[]): Promise<void> {
  const server = await startServer({ major: 18, settings: { fsync: true, full_page_writes: true } })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const sent: string[] = []
  const client = postgres(server.url(), { max: 1, onnotice: () => undefined })
  try {
    const db = drizzle(client, {
      schema,
      logger: { logQuery: (text, parameters) => void sent.push(inlined(text, parameters)) },
    })
    await fill(client)
    const runs = options.includes('--quick') ? 5 : 25
    const lists = await timeLists(
      client,
      async page => {
        const { next } = await listProjects(
          db,
          page.userId === undefined ? {} : { userId: page.userId },
          page,
        )
        return { text: sent.at(-1) ?? '', next }
      },
      runs,
    )
    const bulk = await timeBulk(client, server.url(), folder, options.includes('--quick') ? 2 : 7, files =>
      upsertFiles(db, PROJECT, files),
    )
    report([...lists, ...bulk], GOALS, options.includes('--json'))
  } finally {
    await client.end()
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

const PROJECT = '00000000-0000-4000-8000-000000000000'
const GOALS: readonly Goal[] = [
  ...Object.keys(BY_HAND).map(name => ({
    name: `${name} / by hand`,
    of: `${name}, µs`,
    against: `${name} by hand, µs`,
    atMost: 1.2,
  })),
  {
    name: `${FILES} files / psql`,
    of: `upsert ${FILES} files`,
    against: 'psql INSERT … SELECT unnest',
    atMost: 2,
  },
]

async function fill(client: postgres.Sql): Promise<void> {
  const { entries } = JSON.parse(readFileSync(join(migrations, 'meta/_journal.json'), 'utf8'))
  for (const { tag } of entries)
    await client.unsafe(readFileSync(join(migrations, `${tag}.sql`), 'utf8')).simple()
  await client`INSERT INTO users (id, email) SELECT 'user-' || n, n || '@example.com' FROM generate_series(0, ${USERS - 1}::int) n`
  await client`
    INSERT INTO projects (user_id, name, description, updated_at, deleted_at)
    SELECT 'user-' || n % ${USERS}::int, 'Project ' || n, 'What it is about', now() - random() * interval '1 year',
           CASE WHEN n % 20 = 0 THEN now() END
    FROM generate_series(1, ${PROJECTS}::int) n`
  await client`INSERT INTO projects (id, user_id, name, description) VALUES (${PROJECT}, 'user-0', 'Great', '')`
  await client`VACUUM ANALYZE projects`
}

interface ListOf extends Page {
  readonly userId?: string
}

/** The server's own execution time, in microseconds since a page takes less than a millisecond. */
async function timeLists(
  client: postgres.Sql,
  list: (page: ListOf) => Promise<{ text: string; next: string | null }>,
  runs: number,
) {
  const all = await list({ limit: 50 })
  const user = await list({ limit: 50, userId: 'user-7' })
  const next = await list({ limit: 50, ...(all.next && { after: all.next }) })
  const ours = { 'all projects': all.text, "a user's projects": user.text, 'the next page': next.text }
  const contenders = Object.entries(BY_HAND).flatMap(([name, text]) => [
    { name: `${name}, µs`, text: ours[name as keyof typeof ours], times: [] as number[] },
    { name: `${name} by hand, µs`, text, times: [] as number[] },
  ])
  for (let run = -2; run < runs; run += 1)
    for (const { text, times } of contenders) {
      const [row] = await client.unsafe(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) ${text}`)
      if (run >= 0) times.push(row?.['QUERY PLAN'][0]['Execution Time'] * 1000)
    }
  return contenders.map(({ name, times }) => timing(name, times))
}

/** A statement of Drizzle's with its values in it: EXPLAIN takes no parameters over the simple protocol. */
function inlined(text: string, parameters: readonly unknown[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, n) => {
    const value = parameters[Number(n) - 1]
    return typeof value === 'number' ? `${value}` : `'${String(value).replaceAll("'", "''")}'`
  })
}

async function timeBulk(
  client: postgres.Sql,
  url: string,
  folder: string,
  runs: number,
  upsert: (files: readonly { path: string; content: string }[]) => Promise<void>,
) {
  const files = Array.from({ length: FILES }, (_, n) => ({
    path: `src/${n}.ts`,
    content: `export const n${n} = ${n}\n`.repeat(40),
  }))
  const array = (of: 'path' | 'content') => `ARRAY[${files.map(file => `'${file[of]}'`).join(',')}]::text[]`
  await writeFile(
    join(folder, 'unnest.sql'),
    `INSERT INTO project_files (project_id, path, content)
     SELECT '${PROJECT}', path, content FROM unnest(${array('path')}, ${array('content')}) AS file(path, content)
     ON CONFLICT (project_id, path) DO UPDATE SET content = excluded.content, updated_at = now();`,
  )
  const [ours, theirs]: [number[], number[]] = [[], []]
  const timed = async (into: number[], run: number, work: () => Promise<void> | void) => {
    await client`TRUNCATE project_files`
    await client`CHECKPOINT`
    const started = performance.now()
    await work()
    if (run >= 0) into.push(performance.now() - started)
  }
  for (let run = -1; run < runs; run += 1) {
    await timed(ours, run, () => upsert(files))
    await timed(theirs, run, () => {
      const { status, stderr } = spawnSync('psql', [
        '-qX',
        '-v',
        'ON_ERROR_STOP=1',
        '-f',
        join(folder, 'unnest.sql'),
        url,
      ])
      if (status !== 0) throw new Error(String(stderr))
    })
  }
  return [timing(`upsert ${FILES} files`, ours), timing('psql INSERT … SELECT unnest', theirs)]
}
