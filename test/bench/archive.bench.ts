import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../support/client.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { startServer } from '../support/servers.ts'
import {
  CONNECT,
  exportContenders,
  exportGoals,
  fillHaystack,
  fillProject,
  fillTable,
  makePlatform,
  PROJECT,
  SMALL,
  sizesOf,
} from './archive-export.ts'
import { importContenders, importGoals, makeFiles, makeTargets } from './archive-import.ts'
import { timeInTurn } from './measure.ts'
import { peakMemory } from './peak-memory.ts'
import { report } from './report.ts'

/** Export and import of a project and of a large table, and export of a small project among ten million rows, beside psql. `--import` alone. */
export async function bench(options: readonly string[]): Promise<void> {
  await ensureRuntime('pg18')
  const server = await startServer({
    major: 18,
    settings: { fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB' },
  })
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const sizes = sizesOf(options)
  try {
    await filled(server.url, 'project', sql => fillProject(sql, sizes.project))
    await filled(server.url, 'whole', sql => fillTable(sql, sizes.table))
    if (!options.includes('--import'))
      await filled(server.url, 'haystack', sql => fillHaystack(sql, sizes.haystack))
    const files = makeFiles(server.url, folder, ['projects', PROJECT])
    await withAdmin(server.url, admin => makeTargets(admin, server.url))
    const contenders = [
      ...exportContenders(server.url, folder),
      ...importContenders(server.url, folder, files),
    ].filter(({ name }) => !options.includes('--import') || /import|psql .copy in/.test(name))
    for (const contender of contenders.filter(
      ({ name }) => name.startsWith('export') || name === 'import a table',
    ))
      process.stdout.write(
        `${contender.name.padEnd(44)} ${((await peakMemory(contender)) / 1024).toFixed(0).padStart(6)} MB at most\n`,
      )
    const goals = [...exportGoals, ...importGoals].filter(({ of }) =>
      contenders.some(({ name }) => name === of),
    )
    // by themselves, and often: beside what fills disk and caches for seconds, a tenth of a second says little
    const small = contenders.filter(({ name }) => name === SMALL || name === CONNECT)
    const timings = [
      ...(await timeInTurn(small, 15)),
      ...(await timeInTurn(
        contenders.filter(contender => !small.includes(contender)),
        5,
      )),
    ]
    report(timings, goals, options.includes('--json'))
  } finally {
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  }
}

async function filled(
  url: (database: string) => string,
  name: string,
  fill: (sql: ReturnType<typeof connect>) => Promise<void>,
): Promise<void> {
  await withAdmin(url, admin => admin`CREATE DATABASE ${admin(name)}`)
  const sql = connect(url(name), 1)
  await makePlatform(sql)
  await fill(sql)
  await sql.end()
}

async function withAdmin(
  url: (database: string) => string,
  work: (admin: ReturnType<typeof connect>) => PromiseLike<unknown>,
): Promise<void> {
  const admin = connect(url('postgres'), 1)
  await work(admin)
  await admin.end()
}
