import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { emptyFolder, ops } from '../support/program.ts'
import { admin } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'
import { startStandby } from '../support/standby.ts'
import { parsed } from './archives.ts'

/** 100 take a minute. */
const ROUNDS = Number(process.env.EXPORT_FAULT_ROUNDS ?? 8)
const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')

const TABLES = `
  CREATE TABLE roots (id int PRIMARY KEY);
  CREATE TABLE items (id int PRIMARY KEY, root_id int NOT NULL REFERENCES roots, parent_id int REFERENCES items, body text);
  CREATE INDEX ON items (root_id); CREATE INDEX ON items (parent_id);
  CREATE TABLE tags (id int PRIMARY KEY, item_id int REFERENCES items, root_id int REFERENCES roots);
  INSERT INTO roots VALUES (1), (2);
  INSERT INTO items SELECT n, 1 + n % 2, NULL, repeat(md5(n::text), 20) FROM generate_series(1, 20000) AS n;
  INSERT INTO tags SELECT n, n, 1 + n % 2 FROM generate_series(1, 2000) AS n;
  ANALYZE`

let database: TestDatabase

beforeAll(async () => {
  database = await freshDatabase()
  await database.sql.unsafe(TABLES)
})

async function counts(archive: string): Promise<object> {
  const { rows } = parsed(archive)
  return Object.fromEntries(Object.entries(rows).map(([table, held]) => [table, held.length]))
}

const WHOLE = { 'public.roots': 1, 'public.items': 10_000, 'public.tags': 1000 }

it('is one snapshot, whatever others write meanwhile', async () => {
  const { url, sql } = await freshDatabase()
  await sql.unsafe(TABLES)
  let over = false
  const writing = (async () => {
    for (let id = 100_000; !over; id += 1) {
      await sql.begin(async transaction => {
        await transaction`INSERT INTO items VALUES (${id}, 1, NULL, 'new')`
        await transaction`INSERT INTO tags VALUES (${id}, ${id}, 1)`
      })
    }
  })()
  const { stdout, code } = await ops(['export', 'roots', '1', '--url', url])
  over = true
  await writing
  expect(code).toBe(0)
  const { rows } = parsed(stdout)
  // each item beyond the first ones has its tag, and each tag its item
  const items = rows['public.items']?.filter(({ id }) => Number(id) >= 100_000).map(({ id }) => id)
  const tags = rows['public.tags']?.filter(({ id }) => Number(id) >= 100_000).map(({ id }) => id)
  expect(tags).toEqual(items)
})

it('leaves nothing behind when it is stopped or killed at any moment', { timeout: 300_000 }, async () => {
  const folder = emptyFolder()
  const file = join(folder, 'out.ndjson')
  const seen: Record<string, number> = {}
  for (let round = 0; round < ROUNDS; round += 1) {
    const signal = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const)[round % 3] ?? 'SIGINT'
    const ms = 60 + Math.random() * 500
    const { code } = await run(['export', 'roots', '1', '-o', file, '--url', database.url], {
      cwd: folder,
      signalAfter: { signal, ms },
    })
    const left = readdirSync(folder)
    seen[`${signal} ${code}`] = (seen[`${signal} ${code}`] ?? 0) + 1
    // a run that is killed cannot take its draft away, but it is not under the file's name
    if (left.includes('out.ndjson')) {
      expect(await counts(readFileSync(file, 'utf8'))).toEqual(WHOLE)
    } else expect(code).not.toBe(0)
    if (signal !== 'SIGKILL') expect(left.filter(name => name.endsWith('.part'))).toEqual([])
    for (const name of left) await promisify(execFile)('rm', ['-f', join(folder, name)])
  }
  expect(Object.values(seen).reduce((sum, each) => sum + each, 0)).toBe(ROUNDS)
})

it('leaves nothing behind when its connection is killed', async () => {
  const folder = emptyFolder()
  for (let round = 0; round < 3; round += 1) {
    let over = false
    const killing = (async () => {
      while (!over) {
        await admin(database.major)`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = ${database.name} AND application_name = 'drizzle-ops export' AND query LIKE 'COPY%'`
      }
    })()
    const { code, stdout } = await ops(
      ['export', 'roots', '1', '-o', 'out', '--json', '--url', database.url],
      { cwd: folder },
    )
    over = true
    await killing
    expect(code, stdout).not.toBe(0)
    expect(readdirSync(folder)).toEqual([])
  }
})

it('leaves nothing behind when the disk is full', async () => {
  const folder = emptyFolder()
  const child = spawn(
    'bash',
    [
      '-c',
      `ulimit -f 1000; exec "${process.execPath}" "${program}" export roots 1 -o out --json --url "${database.url}"`,
    ],
    { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  const [code, signal] = await once(child, 'close')
  expect({ code, signal }).toEqual({ code: 1, signal: null })
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'file-unwritable',
    message: expect.stringContaining('the file may not become that large'),
  })
  expect(readdirSync(folder)).toEqual([])
})

it('keeps what was there when it fails', async () => {
  const folder = emptyFolder()
  writeFileSync(join(folder, 'out'), 'an older archive')
  const { code } = await ops(['export', 'roots', '3', '-o', 'out', '--url', database.url], { cwd: folder })
  expect(code).toBe(1)
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('an older archive')
})

it('ends quietly when nobody reads on', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    'bash',
    [
      '-c',
      `"${process.execPath}" "${program}" export roots 1 --url "${database.url}" | head -c 20; echo " \${PIPESTATUS[0]}"`,
    ],
    { cwd: emptyFolder() },
  )
  expect(stdout).toBe('{"archive":"drizzle- 0\n')
  expect(stderr).toBe('')
})

it('needs no table on a standby', async () => {
  const standby = await startStandby(async server => {
    const sql = connect(server.url(), 1)
    await sql.unsafe(TABLES)
    await sql.end()
  })
  const { stdout, stderr, code } = await ops(['export', 'roots', '1', '--url', standby.url()])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(await counts(stdout)).toEqual(WHOLE)
})

it('gives all rows or refuses where row level security hides some', async () => {
  const { url, sql, name, major } = await freshDatabase()
  await sql.unsafe(
    `${TABLES}; ALTER TABLE items ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON items USING (false)`,
  )
  const role = `reader_${name}`
  await admin(major).unsafe(`CREATE ROLE ${role} LOGIN`)
  await sql.unsafe(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`)
  const reader = new URL(url)
  reader.username = role
  const { code, stdout } = await ops(['export', 'roots', '1', '-o', 'x', '--json', '--url', reader.href])
  expect(code).toBe(1)
  expect(JSON.parse(stdout).error).toMatchObject({ sqlstate: '42501' })
})
