import { randomUUID } from 'node:crypto'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import {
  kit,
  orm,
  ownFolders,
  ownProject,
  picture,
  type StockRow,
  stockRows,
  type Table,
} from '../support/drizzle.ts'
import { migrated, status } from '../support/migrate.ts'
import { documentOf, ops } from '../support/program.ts'
import {
  emptyProject,
  foldersProject,
  journalProject,
  type TestMigration,
  type TestProject,
  write,
} from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { majors } from '../support/shared-servers.ts'

const users = {
  name: '20260101000000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY);\n--> statement-breakpoint\nINSERT INTO users VALUES (1);',
}
const moods = { name: '20260102000000_moods', sql: "CREATE TYPE mood AS ENUM ('sad', 'ok');\r\n" }
const posts = {
  name: '20260103000000_posts',
  sql: 'CREATE TABLE posts (id int PRIMARY KEY REFERENCES users, mood mood); CREATE INDEX ON posts (mood);',
}

interface Case {
  readonly what: string
  readonly table: Table
  project(): Promise<TestProject>
}

const small = (table: Table) => async () => foldersProject([users, moods, posts], { migrations: table })

const cases: Case[] = [
  { what: "the repository's own migrations after drizzle-kit up", table: {}, project: () => ownFolders() },
  { what: 'what drizzle-kit generates', table: {}, project: generated },
  {
    what: 'a project that records in public',
    table: { schema: 'public' },
    project: small({ schema: 'public' }),
  },
  {
    what: 'a project whose names need quotes',
    table: { schema: 'My sch.ema', table: 'a.b "Mig\'rations"' },
    project: small({ schema: 'My sch.ema', table: 'a.b "Mig\'rations"' }),
  },
]

describe.each(majors())('with drizzle 1.0 on PostgreSQL %i', major => {
  beforeAll(async () => {
    await ensureRuntime('drizzle-1.0')
  })

  it.each(cases)('$what: migrated alike by us, drizzle-kit and drizzle-orm', async ({ project, table }) => {
    const here = await project()
    const [ours, kits, orms] = [
      await freshDatabase(major),
      await freshDatabase(major),
      await freshDatabase(major),
    ]
    await migrated(here, ours)
    await kit('1.0', ['migrate'], here, kits)
    await orm('1.0', here, orms, table)

    const picturedOurs = await picture(ours, table)
    expect(await picture(kits, table)).toEqual(picturedOurs)
    expect(await picture(orms, table)).toEqual(picturedOurs)

    const before = await stockRows(ours.sql, table)
    expect(before.every(row => row.applied_at instanceof Date)).toBe(true)
    expect(await kit('1.0', ['migrate'], here, ours)).toMatchObject({ code: 0 })
    expect(await orm('1.0', here, ours, table)).toMatchObject({ code: 0, stderr: '' })
    expect(await stockRows(ours.sql, table)).toEqual(before)
    expect(await picture(ours, table)).toEqual(picturedOurs)

    for (const database of [kits, orms]) {
      const rows = await stockRows(database.sql, table)
      expect(await status(here, database)).toMatchObject({
        upToDate: true,
        layout: 'folders',
        counts: { applied: rows.length },
      })
      expect(await migrated(here, database)).toMatchObject({ applied: [], alreadyApplied: rows.length })
      expect(await stockRows(database.sql, table)).toEqual(rows)
    }
  })

  it('runs a migration that is older than the newest, as drizzle does', async () => {
    const [ours, orms] = [await freshDatabase(major), await freshDatabase(major)]
    await migrated(foldersProject([users, posts2]), ours)
    await orm('1.0', foldersProject([users, posts2]), orms)
    const here = foldersProject([users, moods, posts2])
    expect(await status(here, ours)).toMatchObject({
      counts: { applied: 2, pending: 1, late: 0 },
      migrations: [
        { state: 'applied' },
        { name: moods.name, state: 'pending', note: 'older than the newest applied' },
        { state: 'applied' },
      ],
    })
    expect(await migrated(here, ours)).toMatchObject({ applied: [{ name: moods.name }] })
    await orm('1.0', here, orms)
    expect(await picture(ours)).toEqual(await picture(orms))
  })

  describe('on a table of drizzle 0.x', () => {
    it('upgrades it as drizzle does', async () => {
      const here = await ownFolders()
      const [ours, kits, orms] = [await migratedBefore(5), await migratedBefore(5), await migratedBefore(5)]
      expect(await migrated(here, ours)).toMatchObject({
        applied: [{ name: '20261121101759_newest_projects' }],
        alreadyApplied: 5,
      })
      await kit('1.0', ['migrate'], here, kits)
      await orm('1.0', here, orms)
      const upgraded = await picture(ours)
      expect(await picture(kits)).toEqual(upgraded)
      expect(await picture(orms)).toEqual(upgraded)
      expect(await appliedAtIsKnown(ours)).toEqual([false, false, false, false, false, true])
      expect(await appliedAtIsKnown(orms)).toEqual([false, false, false, false, false, true])
    })

    it('finds folders of one second, and such as were stamped anew, by their text', async () => {
      const history = [
        { name: '0000_a', sql: 'CREATE TABLE a (id int)', when: 1_767_225_600_111 },
        { name: '0001_b', sql: 'CREATE TABLE b (id int)', when: 1_767_225_600_222 },
        { name: '0002_c', sql: 'CREATE TABLE c (id int)', when: 1_767_225_700_333 },
        { name: '0003_same', sql: '-- nothing', when: 1_767_225_800_444 },
      ]
      const here = foldersProject([
        { name: '20260101000000_z', sql: 'CREATE TABLE a (id int)' },
        { name: '20260101000000_y', sql: 'CREATE TABLE b (id int)' },
        { name: '20260105000000_c', sql: 'CREATE TABLE c (id int)' },
        { name: '20260106000000_same', sql: '-- nothing' },
        { name: '20260107000000_new', sql: 'CREATE TABLE d (id int)' },
      ])
      const before = journalProject(history)
      const [ours, orms] = [await freshDatabase(major), await freshDatabase(major)]
      await migrated(before, ours)
      await migrated(before, orms)
      expect(await migrated(here, ours)).toMatchObject({ applied: [{ name: '20260107000000_new' }] })
      await orm('1.0', here, orms)
      expect(await picture(ours)).toEqual(await picture(orms))
    })

    it('leaves it alone where nothing is pending, and drizzle still runs nothing', async () => {
      const here = await ownFolders()
      const database = await migratedBefore(6)
      const before = await picture(database)
      expect(await status(here, database)).toMatchObject({ upToDate: true, counts: { applied: 6 } })
      expect(await migrated(here, database)).toMatchObject({ applied: [], alreadyApplied: 6 })
      expect(await picture(database)).toEqual(before)
      await orm('1.0', here, database)
      expect(await status(here, database)).toMatchObject({ upToDate: true, counts: { applied: 6 } })
      expect(await stockRows(database.sql)).toHaveLength(6)
    })

    it.each([
      {
        when: 'newer than the oldest folder',
        createdAt: 4_000_000_000_000,
        message:
          'The history does not match the files, so nothing was applied.\nrow 5 is recorded as applied, but its file is gone.',
      },
      {
        when: 'older than every folder',
        createdAt: 1000,
        message:
          "The history is drizzle 0.x's and must become drizzle 1.0's, but its rows with the ids 5 match no migration folder.",
      },
    ])('refuses a row that matches no folder, $when, as drizzle does', async ({ createdAt, message }) => {
      const here = await ownFolders()
      const database = await migratedBefore(4)
      await database.sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('manual', ${createdAt})`
      const before = await picture(database)
      const refused = await ops(['migrate', '--json', '--url', database.url], { cwd: here.root })
      expect(refused.code).toBe(1)
      expect(documentOf(refused)).toMatchObject({ applied: [], error: { message } })
      expect(await picture(database)).toEqual(before)
      const stock = await orm('1.0', here, database)
      expect(stock.stderr).toContain('(ids: 5)')
      expect(await picture(database)).toEqual(before)
    })

    async function migratedBefore(count: number) {
      const database = await freshDatabase(major)
      await migrated(ownProject(count), database)
      return database
    }
  })

  it('writes the name into a table of drizzle 1.0 also from a journal, so that drizzle-kit up runs nothing again', async () => {
    const database = await freshDatabase(major)
    await orm('1.0', await ownFolders(3), database)
    const here = ownProject()
    expect(await status(here, database)).toMatchObject({
      layout: 'journal',
      counts: { applied: 3, pending: 3 },
    })
    expect(await migrated(here, database)).toMatchObject({
      applied: [{ name: '0003_workspaces' }, { name: '0004_audit' }, { name: '0005_newest_projects' }],
    })
    const rows = await stockRows(database.sql)
    expect(rows.map(row => row.name)).toEqual([
      '20261121052327_auth',
      '20261121052449_projects',
      '20261121052451_conversations',
      '20261121052454_workspaces',
      '20261121052457_audit',
      '20261121101759_newest_projects',
    ])
    const folders = await ownFolders()
    await kit('1.0', ['migrate'], folders, database)
    await orm('1.0', folders, database)
    expect(await stockRows(database.sql)).toEqual(rows)
    expect(await status(folders, database)).toMatchObject({ upToDate: true, counts: { applied: 6 } })
  })
})

it.each(['0002_more_of_it', '_unnumbered', 'baseline', '20260101000000_stamped'])(
  'names the migration %s as drizzle-kit up does',
  async tag => {
    const database = await freshDatabase()
    await orm('1.0', await ownFolders(1), database)
    const here = ownProject(1)
    addToJournal(here, { name: tag, when: 1_795_238_612_345, sql: 'CREATE TABLE added (id int)' })
    expect(await migrated(here, database)).toMatchObject({ applied: [{ name: tag }] })
    expect(await kit('1.0', ['up'], here)).toMatchObject({ code: 0 })
    const rows = await stockRows(database.sql)
    await orm('1.0', here, database)
    expect(await stockRows(database.sql)).toEqual(rows)
  },
)

const posts2 = { name: posts.name, sql: 'CREATE TABLE posts (id int)' }

async function appliedAtIsKnown({ sql }: TestDatabase): Promise<boolean[]> {
  return (await stockRows(sql)).map(({ applied_at }: StockRow) => applied_at instanceof Date)
}

/** Two migrations that drizzle-kit 1.0 generates. */
async function generated(): Promise<TestProject> {
  const project = emptyProject({ schema: './schema.ts' })
  symlinkSync(join(await ensureRuntime('drizzle-1.0'), 'node_modules'), join(project.root, 'node_modules'))
  const steps = {
    first: "id: integer('id').primaryKey()",
    second: "id: integer('id').primaryKey(), name: text('name').notNull()",
  }
  for (const [name, columns] of Object.entries(steps)) {
    write(
      join(project.root, 'schema.ts'),
      `import { integer, pgTable, text } from 'drizzle-orm/pg-core'\nexport const people = pgTable('people', { ${columns} })`,
    )
    const { code, stdout } = await kit('1.0', ['generate', '--name', name], project)
    expect(code, stdout).toBe(0)
  }
  return project
}

/** With the snapshot that `drizzle-kit up` demands of each entry. */
function addToJournal({ out }: TestProject, { name, when, sql }: TestMigration): void {
  const file = join(out, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  journal.entries.push({ idx: journal.entries.length, version: '7', when, tag: name, breakpoints: true })
  write(file, JSON.stringify(journal, null, 2))
  write(join(out, `${name}.sql`), sql)
  const snapshot = JSON.parse(readFileSync(join(out, 'meta/0000_snapshot.json'), 'utf8'))
  write(
    join(out, `meta/${name.split('_')[0]}_snapshot.json`),
    JSON.stringify({ ...snapshot, id: randomUUID(), prevId: snapshot.id }),
  )
}
