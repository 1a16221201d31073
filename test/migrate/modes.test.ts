import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { journalProject, write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const one = { name: '0000_one', sql: 'CREATE TABLE one (id int);' }
const two = { name: '0001_two', sql: 'CREATE TABLE two (id int);' }
const three = { name: '0002_three', sql: 'CREATE TABLE three (id int);' }
const broken = { name: '0002_broken', sql: 'CREATE TABLE three (id int, id int);' }
const index = { name: '0001_index', sql: 'CREATE INDEX CONCURRENTLY one_id ON one (id);' }

describe.each(majors())('migrate on PostgreSQL %i', major => {
  it('--to stops behind the named migration', async () => {
    const { url } = await freshDatabase(major)
    const { root } = journalProject([one, two, three])
    const args = (name: string) => ['migrate', '--to', name, '--json', '--url', url]
    expect(documentOf(await ops(args('0001_two'), { cwd: root }))).toMatchObject({
      applied: [{ name: '0000_one' }, { name: '0001_two' }],
      pending: ['0002_three'],
      current: '0001_two',
    })
    const again = await ops(args('0000_one'), { cwd: root })
    expect(documentOf(again)).toMatchObject({ applied: [], pending: ['0002_three'] })
    const unknown = await ops(args('0003_four'), { cwd: root })
    expect(unknown.code).toBe(2)
    expect(documentOf(unknown)).toMatchObject({
      error: { code: 'migration-unknown', hint: 'There are 0000_one, 0001_two, 0002_three.' },
    })
  })

  it('--tx all is everything or nothing', async () => {
    const { url, dump } = await freshDatabase(major)
    const failing = journalProject([one, two, broken])
    const before = await ops(['status', '--json', '--url', url], { cwd: failing.root })
    const failed = await ops(['migrate', '--tx', 'all', '--json', '--url', url], { cwd: failing.root })
    expect(failed.code).toBe(1)
    expect(documentOf(failed)).toMatchObject({
      applied: [],
      pending: ['0000_one', '0001_two', '0002_broken'],
      error: { sqlstate: '42701', where: { statement: 1 } },
    })
    expect(documentOf<{ counts: object }>(before).counts).toMatchObject({ pending: 3 })
    expect(await dump()).not.toMatch(/\b(one|two|three)\b/)

    const { root } = journalProject([one, two, three])
    const done = await ops(['migrate', '--tx', 'all', '--json', '--url', url], { cwd: root })
    expect(documentOf(done)).toMatchObject({
      applied: [{ transaction: 'all' }, { transaction: 'all' }, { transaction: 'all' }],
    })
  })

  it('--tx all refuses what cannot be in a transaction before anything runs', async () => {
    const { url, dump } = await freshDatabase(major)
    const { root } = journalProject([one, index])
    const { code, stderr } = await ops(['migrate', '--tx', 'all', '--url', url], { cwd: root })
    expect(code).toBe(2)
    expect(stderr).toContain('0001_index cannot run in a transaction, so it cannot be part of one for all.')
    expect(await dump()).not.toMatch(/\bone\b/)
  })

  it('calls the hooks in the transaction of each migration', async () => {
    const { url, sql } = await freshDatabase(major)
    const { root } = journalProject([one, two])
    const hook = (which: string) =>
      `async (query, { name }) => { await query\`INSERT INTO calls VALUES (\${name}, '${which}', pg_current_xact_id()::text)\` }`
    write(
      join(root, 'drizzle.config.mjs'),
      `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { migrate: { before: ${hook('before')}, after: ${hook('after')} } }\n`,
    )
    await sql`CREATE TABLE calls (name text, which text, xid text)`
    expect((await ops(['migrate', '--url', url], { cwd: root })).code).toBe(0)
    const calls =
      await sql`SELECT name, which, count(*) OVER (PARTITION BY xid)::int AS together FROM calls ORDER BY name, which DESC`
    expect(calls.map(call => [call.name, call.which, call.together])).toEqual([
      ['0000_one', 'before', 2],
      ['0000_one', 'after', 2],
      ['0001_two', 'before', 2],
      ['0001_two', 'after', 2],
    ])
  })

  it('a hook that throws rolls its migration back', async () => {
    const { url, dump } = await freshDatabase(major)
    const { root } = journalProject([one])
    write(
      join(root, 'drizzle.config.mjs'),
      `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { migrate: { after: query => query\`SELECT 1 / 0\` } }\n`,
    )
    const failed = await ops(['migrate', '--json', '--url', url], { cwd: root })
    expect(failed.code).toBe(1)
    expect(documentOf(failed)).toMatchObject({ applied: [], error: { sqlstate: '22012' } })
    expect(await dump()).not.toMatch(/\bone\b/)
  })
})

it('prints one event a line with --format ndjson', async () => {
  const { url } = await freshDatabase()
  const { root } = journalProject([one, broken])
  const { stdout, code } = await ops(['migrate', '--format', 'ndjson', '--url', url], { cwd: root })
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(events).toMatchObject([
    { event: 'planned', pending: ['0000_one', '0002_broken'] },
    { event: 'started', name: '0000_one' },
    { event: 'statement', name: '0000_one', n: 1 },
    { event: 'finished', name: '0000_one', transaction: 'file' },
    { event: 'started', name: '0002_broken' },
    { event: 'failed', applied: [{ name: '0000_one' }], error: { sqlstate: '42701' } },
  ])
  expect(code).toBe(1)
})

it('tells GitHub Actions, also of a failure', async () => {
  const { url } = await freshDatabase()
  const folder = emptyFolder()
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  }
  const { root } = journalProject([one, broken])
  await ops(['migrate', '--to', '0000_one', '--url', url], { cwd: root, env })
  expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toBe('applied_count=1\npending_count=1\ncurrent=0000_one\n')
  expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('| 0000_one | 1 |')
  await ops(['migrate', '--url', url], { cwd: root, env })
  expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('### drizzle-ops migrate failed')
  expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toContain('applied_count=0\npending_count=1\n')
})
