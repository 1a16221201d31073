import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestMigration, write, writeJournal } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

/** 2026-02-01 and later days. */
const day = (n: number) => Date.UTC(2026, 1, n)
const first: TestMigration = { name: '0000_first', sql: 'CREATE TABLE first (id int);', when: day(1) }
const second: TestMigration = { name: '0001_second', sql: 'CREATE TABLE second (id int);', when: day(3) }
const late: TestMigration = { name: '0001_late', sql: 'CREATE TABLE late (id int);', when: day(2) }

describe.each(majors())('repair on PostgreSQL %i', major => {
  it('--restamp moves a late file behind the newest applied, and migrate then runs it', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([first, second])
    const at = { cwd: project.root }
    await ops(['migrate', '--url', url], at)
    writeJournal(project, [first, late, second])

    const refused = await ops(['migrate', '--url', url], at)
    expect(refused.stderr).toContain('drizzle-ops repair --restamp 0001_late')
    const repaired = await ops(['repair', '--restamp', '0001_late', '--yes', '--json', '--url', url], at)
    expect(documentOf(repaired)).toMatchObject({
      changes: [
        {
          action: 'restamp',
          name: '0001_late',
          sql: `${join(project.out, 'meta/_journal.json')}: 2026-02-02T00:00:00.000Z becomes 2026-02-03T00:00:00.001Z`,
        },
      ],
    })
    const journal = JSON.parse(readFileSync(join(project.out, 'meta/_journal.json'), 'utf8'))
    expect(journal.entries.map(({ idx, tag, when }: Record<string, unknown>) => [idx, tag, when])).toEqual([
      [0, '0000_first', day(1)],
      [1, '0001_second', day(3)],
      [2, '0001_late', day(3) + 1],
    ])
    expect(documentOf(await ops(['migrate', '--json', '--url', url], at))).toMatchObject({
      applied: [{ name: '0001_late' }],
    })
  })

  it('--restamp moves the row where the file ran', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([first, second])
    const at = { cwd: project.root }
    await ops(['migrate', '--url', url], at)
    writeJournal(project, [first, { ...second, when: day(5) }])
    expect(documentOf(await ops(['status', '--json', '--url', url], at))).toMatchObject({
      counts: { restamped: 1 },
    })
    const repaired = await ops(['repair', '--restamp', '0001_second', '--yes', '--json', '--url', url], at)
    expect(documentOf(repaired)).toMatchObject({
      changes: [{ sql: `UPDATE "drizzle"."__drizzle_migrations" SET created_at = ${day(5)} WHERE id = 2;` }],
    })
    expect(documentOf(await ops(['status', '--json', '--url', url], at))).toMatchObject({
      counts: { applied: 2 },
    })
  })

  it('--accept-edits, --forget and --mark-applied', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([first, second])
    const at = { cwd: project.root }
    const counts = async () =>
      documentOf<{ counts: object }>(await ops(['status', '--json', '--url', url], at)).counts
    await ops(['migrate', '--url', url], at)
    write(join(project.out, '0001_second.sql'), 'CREATE TABLE second (id bigint);')
    expect(await counts()).toMatchObject({ applied: 1, edited: 1 })
    expect((await ops(['repair', '--accept-edits', '--yes', '--url', url], at)).code).toBe(0)
    expect(await counts()).toMatchObject({ applied: 2, edited: 0 })
    expect((await ops(['repair', '--forget', '0001_second', '--yes', '--url', url], at)).code).toBe(0)
    expect(await counts()).toMatchObject({ applied: 1, pending: 1 })
    expect((await ops(['repair', '--mark-applied', '0001_second', '--yes', '--url', url], at)).code).toBe(0)
    expect(await counts()).toMatchObject({ applied: 2, pending: 0 })
  })
})

it.each([
  [
    [],
    'Which repair? None was named.',
    'Give one of --mark-applied <name>, --forget <name>, --accept-edits, --restamp <name>.',
  ],
  [
    ['--forget', 'x', '--accept-edits'],
    'One repair at a time.',
    'Give one of --mark-applied <name>, --forget <name>, --accept-edits, --restamp <name>.',
  ],
])('repair %j says what it needs', async (args, message, hint) => {
  const { code, stderr } = await ops(['repair', ...args])
  expect(stderr).toBe(`error: ${message} [usage]\n  → ${hint}\n`)
  expect(code).toBe(2)
})

it('repair of a migration that is not there lists those that are', async () => {
  const { url } = await freshDatabase()
  const { root } = journalProject([first, second])
  const { stderr, code } = await ops(['repair', '--mark-applied', '0002_third', '--yes', '--url', url], {
    cwd: root,
  })
  expect(stderr).toBe(
    'error: There is no migration 0002_third to do that with. [migration-unknown]\n  → There are 0000_first, 0001_second.\n',
  )
  expect(code).toBe(2)
})

it('repair --forget removes every record that stock drizzle has made of a migration', async () => {
  const { url, sql } = await freshDatabase()
  const { root } = journalProject([first])
  await ops(['migrate', '--url', url], { cwd: root })
  await sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) SELECT hash, created_at FROM drizzle.__drizzle_migrations`
  expect((await ops(['repair', '--forget', '0000_first', '--yes', '--url', url], { cwd: root })).code).toBe(0)
  expect(await sql`SELECT FROM drizzle.__drizzle_migrations`).toHaveLength(0)
})
