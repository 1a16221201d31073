import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import { makePlatform } from './archive-export.ts'
import { type Contender, timeInTurn } from './measure.ts'
import { peakMemory } from './peak-memory.ts'
import { report } from './report.ts'

const repository = join(import.meta.dirname, '../..')
const program = join(repository, 'bin/drizzle-ops.js')
/** The whole platform at that many project files, the tables that drizzle-seed can do, and one table beside SQL. */
const TABLES = 'users,projects,project_files'

/** Seeding beside drizzle-seed and beside one INSERT … SELECT. `--quick` for a twentieth, `--once` for a single run, `--timings` without memory. */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const peer = await ensureRuntime('drizzle-seed')
  const server = await startServer({
    major: 18,
    settings: { fsync: 'on', shared_buffers: '512MB', max_wal_size: '8GB' },
  })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const files = options.includes('--quick') ? 50_000 : 1_000_000
  const [users, projects] = [files / 500, files / 50]
  const sql = connect(server.url('postgres'), 1)
  try {
    await makePlatform(sql)
    const emptied = async () => {
      await sql`TRUNCATE users, verifications CASCADE`
      await sql`CHECKPOINT`
    }
    const withParents = async () => {
      await emptied()
      await sql`INSERT INTO users (id, email) SELECT n, n || '@example.com' FROM generate_series(1, ${users}::int) AS n`
      await sql`INSERT INTO projects (user_id, name, description) SELECT id, 'name', 'text' FROM users, generate_series(1, 10)`
    }
    const counts = ['--rows', `users=${users}`, '--rows', `projects=${projects}`]
    const seed = (name: string, rows: number, args: string[], before = emptied): Contender => ({
      name,
      command: [
        process.execPath,
        program,
        'seed',
        '--rows',
        `project_files=${rows}`,
        ...args,
        '--url',
        server.url('postgres'),
        '--yes',
        '--json',
      ],
      cwd: folder,
      env: { HOME: folder },
      before,
    })
    for (const times of options.includes('--timings') ? [] : [1, 5]) {
      const whole = seed('seed', files * times, counts)
      await emptied()
      const mb = (await peakMemory(whole)) / 1024
      const kept = mb <= 150 ? '' : ': BROKEN'
      process.stdout.write(
        `the platform at ${files * times} files: ${mb.toFixed(0)} MB (at most 150${kept})\n`,
      )
      if (kept) process.exitCode = 1
    }
    const contenders: Contender[] = [
      seed('seed, the tables of drizzle-seed', files, [...counts, '--only', TABLES]),
      {
        name: 'drizzle-seed',
        command: [
          process.execPath,
          join(import.meta.dirname, 'drizzle-seed.mjs'),
          peer,
          server.url('postgres'),
          ...[users, projects, files].map(String),
        ],
        before: emptied,
      },
      seed('seed, one table', files, ['--only', 'project_files'], withParents),
      {
        name: 'INSERT … SELECT generate_series',
        command: ['psql', '-qX', server.url('postgres'), '-c', insertOf(files)],
        before: withParents,
      },
    ]
    const runs = options.includes('--once') ? 1 : 3
    report(
      await timeInTurn(contenders, runs),
      [
        {
          name: 'seed / drizzle-seed (a quarter at most)',
          of: 'seed, the tables of drizzle-seed',
          against: 'drizzle-seed',
          atMost: 0.25,
        },
        {
          name: 'seed / INSERT … SELECT',
          of: 'seed, one table',
          against: 'INSERT … SELECT generate_series',
          atMost: 1.6,
        },
      ],
      options.includes('--json'),
    )
  } finally {
    await sql.end()
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

/** Paths of 27 characters and texts of 157, as seed makes them, spread over the projects alike. */
function insertOf(rows: number): string {
  return `
    WITH parents AS MATERIALIZED (SELECT array_agg(id) AS ids FROM projects)
    INSERT INTO project_files (id, project_id, path, content, created_at, updated_at)
    SELECT gen_random_uuid(), ids[floor(power(random(), 2) * array_length(ids, 1)) + 1],
           'src/' || left(md5(n::text), 12) || '/' || lpad(n::text, 7, '0') || '.ts',
           left(repeat(md5(n::text), 5), 157),
           now() - n * interval '1 second', now() - n * interval '1 second'
    FROM parents, generate_series(1, ${rows}) AS n`
}
