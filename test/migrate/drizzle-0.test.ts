import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import {
  kit,
  kitBinary,
  orm,
  ownProject,
  picture,
  repository,
  stockRows,
  type Table,
} from '../support/drizzle.ts'
import { migrated, status } from '../support/migrate.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestProject, writeJournal } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { runScript } from '../support/spawn.ts'

const users = {
  name: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY);\n--> statement-breakpoint\nINSERT INTO users VALUES (1);',
}
const moods = { name: '0001_moods', sql: "CREATE TYPE mood\r\nAS ENUM ('sad', 'ok');\r\n" }
const posts = {
  name: '0002_posts',
  sql: '-- „posts“ of users\nCREATE TABLE posts (id int PRIMARY KEY REFERENCES users, mood mood); CREATE INDEX ON posts (mood);\n--> statement-breakpoint\n',
}
const small = [users, moods, posts]

interface Case {
  readonly what: string
  readonly table: Table
  project(): TestProject
}

const withTable = (table: Table) => () => journalProject(small, { migrations: table })

const cases: Case[] = [
  { what: "the repository's own migrations", table: {}, project: () => ownProject() },
  {
    what: 'a project with a table of its own',
    table: { table: 'history' },
    project: withTable({ table: 'history' }),
  },
  {
    what: 'a project that records in public',
    table: { schema: 'public' },
    project: withTable({ schema: 'public' }),
  },
  {
    what: 'a project whose names need quotes',
    table: { schema: 'My sch.ema', table: 'a.b "Mig\'rations"' },
    project: withTable({ schema: 'My sch.ema', table: 'a.b "Mig\'rations"' }),
  },
]

describe.each(majors())('with drizzle 0.x on PostgreSQL %i', major => {
  it.each(cases)('$what: migrated alike by us, drizzle-kit and drizzle-orm', async ({ project, table }) => {
    const here = project()
    const [ours, kits, orms] = [
      await freshDatabase(major),
      await freshDatabase(major),
      await freshDatabase(major),
    ]
    await migrated(here, ours)
    await kit('0.x', ['migrate'], here, kits)
    await orm('0.x', here, orms, table)

    const picturedOurs = await picture(ours, table)
    expect(await picture(kits, table)).toEqual(picturedOurs)
    expect(await picture(orms, table)).toEqual(picturedOurs)

    const before = await stockRows(ours.sql, table)
    expect(await kit('0.x', ['migrate'], here, ours)).toMatchObject({ code: 0 })
    expect(await orm('0.x', here, ours, table)).toMatchObject({ code: 0, stderr: '' })
    expect(await stockRows(ours.sql, table)).toEqual(before)
    expect(await picture(ours, table)).toEqual(picturedOurs)

    for (const database of [kits, orms]) {
      const rows = await stockRows(database.sql, table)
      expect(await status(here, database)).toMatchObject({ upToDate: true, counts: { applied: rows.length } })
      expect(await migrated(here, database)).toMatchObject({ applied: [], alreadyApplied: rows.length })
      expect(await stockRows(database.sql, table)).toEqual(rows)
    }
  })

  it('goes on where drizzle-kit stopped, and drizzle-kit where we stopped', async () => {
    const here = journalProject([users])
    const database = await freshDatabase(major)
    await kit('0.x', ['migrate'], here, database)
    writeJournal(here, [users, moods])
    expect(await migrated(here, database)).toMatchObject({
      applied: [{ name: '0001_moods' }],
      alreadyApplied: 1,
    })
    writeJournal(here, small)
    await kit('0.x', ['migrate'], here, database)
    expect(await status(here, database)).toMatchObject({ upToDate: true, counts: { applied: 3 } })

    const whole = await freshDatabase(major)
    await kit('0.x', ['migrate'], here, whole)
    expect(await picture(database)).toEqual(await picture(whole))
  })

  it('reads the config of this repository as drizzle-kit does', async () => {
    const database = await freshDatabase(major)
    const stock = await runScript(await kitBinary('0.x'), ['migrate'], {
      cwd: repository,
      env: { DATABASE_URL: database.url },
    })
    expect(stock.code, stock.stdout).toBe(0)
    expect(await stockRows(database.sql)).toHaveLength(6)
    const told = await ops(['status', '--json', '--url', database.url], { cwd: repository })
    expect(documentOf(told)).toMatchObject({ upToDate: true, layout: 'journal', counts: { applied: 6 } })
  })

  it('tells of a late migration, which drizzle-kit skips, and runs it where that is allowed', async () => {
    const [first, third] = [
      { ...users, when: 1_000_000 },
      { ...posts, sql: 'CREATE TABLE posts (id int)', when: 3_000_000 },
    ]
    const late = { name: '0001_late', sql: 'CREATE TABLE late (id int)', when: 2_000_000 }
    const database = await freshDatabase(major)
    await migrated(journalProject([first, third]), database)
    const here = journalProject([first, late, third])

    expect(await status(here, database)).toMatchObject({
      upToDate: false,
      counts: { applied: 2, late: 1, pending: 0 },
    })
    const before = await picture(database)
    const skipped = await kit('0.x', ['migrate'], here, database)
    expect(skipped).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('migrations applied successfully!'),
    })
    expect(await picture(database)).toEqual(before)

    const refused = await ops(['migrate', '--url', database.url], { cwd: here.root })
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'error: The history does not match the files, so nothing was applied.',
        '    0001_late is older than the newest applied one; stock drizzle would skip it in silence. [history]',
        '  → late: drizzle-ops migrate --allow late to run it now, or drizzle-ops repair --restamp 0001_late',
        '',
      ].join('\n'),
    })
    expect(await picture(database)).toEqual(before)

    const allowed = await ops(['migrate', '--json', '--allow', 'late', '--url', database.url], {
      cwd: here.root,
    })
    expect(documentOf(allowed)).toMatchObject({
      applied: [{ name: '0001_late' }],
      pending: [],
      alreadyApplied: 2,
    })
    const rows = await stockRows(database.sql)
    expect(rows.map(row => row.created_at)).toEqual(['1000000', '3000000', '2000000'])
    await kit('0.x', ['migrate'], here, database)
    await orm('0.x', here, database)
    expect(await stockRows(database.sql)).toEqual(rows)
  })
})
