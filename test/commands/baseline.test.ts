import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestProject, write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const notes = { name: '0000_notes', sql: 'CREATE TABLE notes (id int PRIMARY KEY);' }
const tags = { name: '0001_tags', sql: 'CREATE TABLE tags (id int PRIMARY KEY, label text);' }

describe.each(majors())('baseline on PostgreSQL %i', major => {
  it('adopts a database that push has made, which migrate points to', async () => {
    const { url, sql } = await freshDatabase(major)
    const { root } = projectWithSnapshots()
    await sql.unsafe(`${notes.sql} ${tags.sql}`)

    const refused = await ops(['migrate', '--url', url], { cwd: root })
    expect(refused.stderr).toContain('drizzle-ops baseline 0001_tags records what is there.')
    expect(refused.code).toBe(1)

    const adopted = await ops(['baseline', '0001_tags', '--yes', '--json', '--url', url], { cwd: root })
    expect(documentOf(adopted)).toMatchObject({
      dryRun: false,
      changes: [
        {
          action: 'baseline',
          name: '0000_notes',
          sql: expect.stringMatching(
            /^INSERT INTO "drizzle"."__drizzle_migrations" \(hash, created_at\) VALUES \('[0-9a-f]{64}', 1767225600000\);$/,
          ),
        },
        { action: 'baseline', name: '0001_tags' },
      ],
    })
    const status = await ops(['status', '--json', '--url', url], { cwd: root })
    expect(documentOf(status)).toMatchObject({ upToDate: true, counts: { applied: 2 } })
  })

  it('refuses what is not there, naming it', async () => {
    const { url, sql, dump } = await freshDatabase(major)
    const { root } = projectWithSnapshots()
    await sql.unsafe('CREATE TABLE notes (id int PRIMARY KEY); CREATE TABLE tags (id int PRIMARY KEY)')
    const before = await dump()
    const { stderr, code } = await ops(['baseline', '0001_tags', '--yes', '--url', url], { cwd: root })
    expect(stderr).toBe(
      'error: The database does not hold what the migrations up to 0001_tags make: column public.tags.label missing. [not-there]\n' +
        '  → Name an earlier migration, or bring the database to that state first.\n',
    )
    expect(code).toBe(1)
    expect(await dump()).toBe(before)
  })

  it('shows and asks before it writes', async () => {
    const { url, sql, dump } = await freshDatabase(major)
    const { root } = projectWithSnapshots()
    await sql.unsafe(notes.sql)
    const before = await dump()
    const rehearsed = await ops(['baseline', '0000_notes', '--dry-run', '--json', '--url', url], {
      cwd: root,
    })
    expect(documentOf(rehearsed)).toMatchObject({ dryRun: true, changes: [{ name: '0000_notes' }] })
    const unasked = await ops(['baseline', '0000_notes', '--url', url], { cwd: root })
    expect(unasked.stderr).toContain('→ Add --yes to agree beforehand.')
    expect(unasked.code).toBe(2)
    expect(await dump()).toBe(before)
  })
})

it('baseline of a protected database needs its name', async () => {
  const { url, sql, name } = await freshDatabase()
  const { root } = projectWithSnapshots()
  write(
    join(root, 'drizzle.config.mjs'),
    `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { protected: ['${name}'] }\n`,
  )
  await sql.unsafe(notes.sql)
  const args = ['baseline', '0000_notes', '--yes', '--url', url]
  const refused = await ops(args, { cwd: root })
  expect(refused.stderr).toContain(`→ Add --on ${name} if it is the one you mean.`)
  expect(refused.code).toBe(2)
  expect((await ops([...args, '--on', name], { cwd: root })).code).toBe(0)
})

/** As drizzle-kit 0.31 leaves it: a snapshot for each migration. */
function projectWithSnapshots(): TestProject {
  const project = journalProject([notes, tags])
  const tables = {
    'public.notes': { name: 'notes', schema: '', columns: { id: { name: 'id' } } },
    'public.tags': { name: 'tags', schema: '', columns: { id: { name: 'id' }, label: { name: 'label' } } },
  }
  const snapshot = { version: '7', enums: {}, schemas: {} }
  write(
    join(project.out, 'meta/0000_snapshot.json'),
    JSON.stringify({ ...snapshot, tables: { 'public.notes': tables['public.notes'] } }),
  )
  write(join(project.out, 'meta/0001_snapshot.json'), JSON.stringify({ ...snapshot, tables }))
  return project
}
