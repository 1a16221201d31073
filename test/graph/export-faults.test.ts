import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'
import { startServer } from '../support/servers.ts'
import { admin } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'
import { startStandby } from '../support/standby.ts'
import { parsed } from './archives.ts'

/** Faults at various moments; 120 take two minutes. */
const ROUNDS = Number(process.env.EXPORT_FAULT_ROUNDS ?? 6)
/** In ms: a machine with other work to do may take its time. */
const PATIENCE = 60_000
const NAME = 'drizzle-ops export'
const program = join(import.meta.dirname, '../../bin/drizzle-ops.js')

const TABLES = `
  CREATE TABLE roots (id int PRIMARY KEY);
  CREATE TABLE items (id int PRIMARY KEY, root_id int NOT NULL REFERENCES roots, parent_id int REFERENCES items, body text);
  CREATE INDEX ON items (root_id); CREATE INDEX ON items (parent_id);
  CREATE TABLE tags (id int PRIMARY KEY, item_id int REFERENCES items, root_id int REFERENCES roots);
  INSERT INTO roots VALUES (1), (2);
  INSERT INTO items SELECT n, 1 + n % 2, NULL, repeat(md5(n::text), 20) FROM generate_series(1, 20000) AS n;
  INSERT INTO tags SELECT n, n, 1 + n % 2 FROM generate_series(1, 2000) AS n;
  CREATE FUNCTION full_disk(value text, number int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    IF value = repeat(md5(number::text), 20) THEN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;
    RETURN value;
  END $$;
  ANALYZE`

let database: TestDatabase

beforeAll(async () => {
  database = await freshDatabase()
  await database.sql.unsafe(TABLES)
})

/** A project whose mask of one row's body is the server's own refusal. */
function fullDisk(row: number): string {
  const root = emptyFolder()
  write(join(root, 'package.json'), '{}')
  const mask = { 'items.body': { sql: `public.full_disk(value, ${row})` } }
  write(
    join(root, 'drizzle.config.js'),
    `export default { dialect: 'postgresql' }\nexport const ops = ${JSON.stringify({ mask })}`,
  )
  return root
}

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
  while ((await sql`SELECT FROM tags WHERE id >= 100000`).length === 0) await sleep(1)
  const { stdout, code } = await ops(['export', 'roots', '1', '--url', url])
  over = true
  await writing
  expect(code).toBe(0)
  const { rows } = parsed(stdout)
  // each item beyond the first ones has its tag, and each tag its item
  const items = rows['public.items']?.filter(({ id }) => Number(id) >= 100_000).map(({ id }) => id)
  const tags = rows['public.tags']?.filter(({ id }) => Number(id) >= 100_000).map(({ id }) => id)
  expect(tags).not.toEqual([])
  expect(tags).toEqual(items)
})

/** What each may end with; with 0, or by a signal that nobody listens for any more, when it comes too late. */
const faults = {
  SIGINT: [130, 'SIGINT', 0],
  SIGTERM: [143, 'SIGTERM', 0],
  SIGKILL: ['SIGKILL', 0],
  'killed connection': [3, 0],
  'restarted server': [3, 0],
  'no space': [1],
} as const
type Fault = keyof typeof faults

it(`leaves no part of a file under its name, whatever ends it and when, in ${ROUNDS} rounds`, {
  timeout: PATIENCE + ROUNDS * 20_000,
}, async () => {
  const server = await startServer({ major: database.major, tls: false })
  const url = server.url()
  const sql = connect(url, 1)
  afterTest(async () => {
    await sql.end({ timeout: 0 })
    await server.stop('immediate')
  })
  await sql.unsafe(TABLES)
  const folder = emptyFolder()
  const args = ['export', 'roots', '1', '-o', join(folder, 'out'), '--url', url]
  const names = Object.keys(faults) as Fault[]
  const told = new Map<string, number>()

  for (let round = 0; round < ROUNDS; round += 1) {
    const fault = names[round % names.length] ?? 'SIGKILL'
    const code = await exportUnder(fault, round)
    const outcome = `${fault} ${code}`
    told.set(outcome, (told.get(outcome) ?? 0) + 1)
    expect(faults[fault], outcome).toContain(code)
    const left = readdirSync(folder)
    // a run that is killed cannot take its draft away, but that has another name
    if (fault !== 'SIGKILL')
      expect([outcome, left], outcome).toEqual([outcome, left.filter(name => name === 'out')])
    if (left.includes('out'))
      expect(await counts(readFileSync(join(folder, 'out'), 'utf8')), outcome).toEqual(WHOLE)
    else expect(code, outcome).not.toBe(0)
    for (const name of left) rmSync(join(folder, name))
    const again = await ops(args)
    expect(again.code, again.stderr).toBe(0)
    expect(await counts(readFileSync(join(folder, 'out'), 'utf8'))).toEqual(WHOLE)
    rmSync(join(folder, 'out'))
  }
  process.stdout.write(`${[...told].map(([what, times]) => `${what}: ${times}`).join(', ')}\n`)

  async function exportUnder(fault: Fault, round: number): Promise<number | string | null> {
    const ms = (round * 37) % 250
    if (fault === 'no space')
      return (await ops(args, { cwd: fullDisk(2 + 2 * ((round * 613) % 10_000)) })).code
    if (fault.startsWith('SIG')) {
      const signalAfter = { signal: fault as NodeJS.Signals, seen: /BEGIN/, ms }
      const { code, signal } = await run([...args, '--verbose'], { signalAfter, timeout: PATIENCE })
      return code ?? signal
    }
    let over = false
    const exporting = ops(args).finally(() => {
      over = true
    })
    while (!over && (await copying()).length === 0) await sleep(1)
    await sleep(ms / 10)
    if (fault === 'restarted server') await server.restart('immediate')
    else await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${NAME}`
    return (await exporting).code
  }

  function copying() {
    return sql`SELECT FROM pg_stat_activity WHERE application_name = ${NAME} AND query LIKE 'COPY%'`
  }
})

it('says that the disk of the server is full, and leaves nothing behind', async () => {
  const folder = emptyFolder()
  const args = ['export', 'roots', '1', '-o', join(folder, 'out'), '--json', '--url', database.url]
  const done = await ops(args, { cwd: fullDisk(19_998) })
  expect(done.code).toBe(1)
  expect(documentOf<{ error: object }>(done).error).toMatchObject({
    code: 'disk-full',
    sqlstate: '53100',
    message: expect.stringContaining('No space left on device'),
  })
  expect(readdirSync(folder)).toEqual([])
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
