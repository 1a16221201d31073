import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { failure, told, withSecret } from '../support/failures.ts'
import { documentOf, ops } from '../support/program.ts'
import { foldersProject, journalProject, type TestProject, write, writeJournal } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'
import { startStandby } from '../support/standby.ts'

const minutes = (count: number) => Date.parse('2026-01-01T12:00:00Z') + count * 60_000
const tomorrow = new Date(Date.now() + 86_400_000)
const sql = (name: string) => `CREATE TABLE ${name} (id int);`
const users = { name: '0000_users', sql: sql('users'), when: minutes(0) }
const posts = { name: '0001_posts', sql: sql('posts'), when: minutes(1) }

describe.each(majors())('status on PostgreSQL %i', major => {
  it('tells the seven states of a journal', async () => {
    const database = await freshDatabase(major)
    const project = await journalOfSevenStates(database)
    const outcome = await statusOf(database, project, '--json')
    const file = (name: string) => join(project.out, `${name}.sql`)
    const state = (name: string, state: string, when: string, note: string | null = null) => ({
      name,
      state,
      when,
      appliedAt: null,
      file: name.startsWith('row') ? null : file(name),
      note,
    })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: identity(database),
      layout: 'journal',
      table: 'drizzle.__drizzle_migrations',
      upToDate: false,
      counts: { applied: 1, pending: 1, late: 1, edited: 1, restamped: 1, missing: 1, future: 1 },
      migrations: [
        state('0000_users', 'applied', '2026-01-01T12:00:00.000Z'),
        state('0001_posts', 'edited', '2026-01-01T12:01:00.000Z'),
        state('0002_tags', 'restamped', '2026-01-01T12:02:30.000Z', 'recorded as 2026-01-01T12:02:00.000Z'),
        state(
          '0003_late',
          'late',
          '2026-01-01T12:00:30.000Z',
          'drizzle-kit migrate would skip it in silence',
        ),
        state('0004_next', 'pending', '2026-01-01T12:04:00.000Z'),
        state('0005_typo', 'future', tomorrow.toISOString()),
        state('row 4', 'missing', '2026-01-01T12:03:00.000Z'),
      ],
      check: false,
    })
  })

  it('tells them to people, as rows and as Markdown', async () => {
    const database = await freshDatabase(major)
    const project = await journalOfSevenStates(database)
    const typo = tomorrow.toISOString()
    expect((await statusOf(database, project)).stdout).toBe(
      [
        'state      migration   made                      applied  note',
        'applied    0000_users  2026-01-01T12:00:00.000Z',
        'edited     0001_posts  2026-01-01T12:01:00.000Z',
        'restamped  0002_tags   2026-01-01T12:02:30.000Z           recorded as 2026-01-01T12:02:00.000Z',
        'late       0003_late   2026-01-01T12:00:30.000Z           drizzle-kit migrate would skip it in silence',
        'pending    0004_next   2026-01-01T12:04:00.000Z',
        `future     0005_typo   ${typo}`,
        'missing    row 4       2026-01-01T12:03:00.000Z',
        'Not up to date: 1 applied, 1 pending, 1 late, 1 edited, 1 restamped, 1 missing, 1 future.',
        '  → late: drizzle-ops migrate --allow late applies it; drizzle-ops repair --restamp <name> moves it behind the newest.',
        '  → edited: bring the database in line by hand, then drizzle-ops repair --accept-edits.',
        '  → missing: restore the file, or drizzle-ops repair --forget <name>.',
        '  → future: drizzle-ops repair --restamp <name>.',
        '  → pending: drizzle-ops migrate applies it, once that is mended.',
        '',
      ].join('\n'),
    )
    expect((await statusOf(database, project, '--format', 'csv')).stdout).toBe(
      [
        'state,name,when,appliedAt,note',
        'applied,0000_users,2026-01-01T12:00:00.000Z,,',
        'edited,0001_posts,2026-01-01T12:01:00.000Z,,',
        'restamped,0002_tags,2026-01-01T12:02:30.000Z,,recorded as 2026-01-01T12:02:00.000Z',
        'late,0003_late,2026-01-01T12:00:30.000Z,,drizzle-kit migrate would skip it in silence',
        'pending,0004_next,2026-01-01T12:04:00.000Z,,',
        `future,0005_typo,${typo},,`,
        'missing,row 4,2026-01-01T12:03:00.000Z,,',
        '',
      ].join('\r\n'),
    )
    const { migrations } = documentOf<{ migrations: object[] }>(await statusOf(database, project, '--json'))
    const lines = (await statusOf(database, project, '--format', 'ndjson')).stdout.trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual(migrations)
    expect((await statusOf(database, project, '--format', 'markdown')).stdout).toContain(
      '| restamped | 0002_tags | 2026-01-01T12:02:30.000Z |  | recorded as 2026-01-01T12:02:00.000Z |\n',
    )
  })

  it('tells the states of folders, where what is older than the newest is pending', async () => {
    const database = await freshDatabase(major)
    const project = await foldersOfSixStates(database)
    const outcome = await statusOf(database, project, '--json')
    const appliedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const state = (name: string, facts: object) => ({
      name,
      appliedAt: null,
      file: join(project.out, name, 'migration.sql'),
      note: null,
      when: expect.stringMatching(/^20\d\d-01-01T12:0\d:[03]0.000Z$/),
      ...facts,
    })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: identity(database),
      layout: 'folders',
      table: 'drizzle.__drizzle_migrations',
      upToDate: false,
      counts: { applied: 1, pending: 2, late: 0, edited: 1, restamped: 1, missing: 1, future: 1 },
      migrations: [
        state('20260101120000_users', { state: 'applied', appliedAt }),
        state('20260101120030_late', { state: 'pending', note: 'older than the newest applied' }),
        state('20260101120100_posts', { state: 'edited', appliedAt }),
        state('20260101120230_tags', {
          state: 'restamped',
          appliedAt,
          note: 'recorded as 20260101120200_tags',
        }),
        state('20260101120400_next', { state: 'pending' }),
        state('20990101120400_typo', { state: 'future' }),
        state('20260101120300_gone', { state: 'missing', appliedAt, file: null }),
      ],
      check: false,
    })
  })

  it('--check exits with 4 until everything is applied', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([users, posts])
    const before = await statusOf(database, project, '--check')
    expect(before).toEqual({
      code: 4,
      stderr: '',
      stdout: [
        'state    migration   made                      applied  note',
        'pending  0000_users  2026-01-01T12:00:00.000Z',
        'pending  0001_posts  2026-01-01T12:01:00.000Z',
        'Not up to date: 2 pending.',
        '  → pending: drizzle-ops migrate applies it.',
        '',
      ].join('\n'),
    })
    await applied(database, project)
    const after = await statusOf(database, project, '--check')
    expect(after).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'state    migration   made                      applied  note',
        'applied  0000_users  2026-01-01T12:00:00.000Z',
        'applied  0001_posts  2026-01-01T12:01:00.000Z',
        'Up to date: 2 applied.',
        '',
      ].join('\n'),
    })
  })

  it('takes restamped and squashed migrations for up to date', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([users, posts])
    await applied(database, project)
    rmSync(join(project.out, '0000_users.sql'))
    writeJournal(project, [{ ...posts, when: minutes(2) }])
    const outcome = await statusOf(database, project, '--check')
    expect(outcome).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'state      migration   made                      applied  note',
        'restamped  0001_posts  2026-01-01T12:02:00.000Z           recorded as 2026-01-01T12:01:00.000Z',
        'missing    row 1       2026-01-01T12:00:00.000Z           older than the oldest file, as after a squash',
        'Up to date: 1 restamped, 1 missing.',
        '',
      ].join('\n'),
    })
  })

  it('writes nothing, before the first migration and after', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([users])
    for (const work of [() => statusOf(database, project), () => statusOf(database, project, '--check')]) {
      const before = await database.dump()
      await work()
      expect(await database.dump()).toBe(before)
    }
    await applied(database, project)
    const before = await database.dump()
    await statusOf(database, project)
    expect(await database.dump()).toBe(before)
  })

  it('needs no right but SELECT on the history', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([users])
    const { name } = await freshRole(undefined, major)
    const asRole = { ...database, url: database.url.replace('postgres@', `${name}@`) }
    expect((await statusOf(asRole, project)).stdout).toContain('Not up to date: 1 pending.\n')
    await applied(database, project)
    await database.sql.unsafe(`GRANT USAGE ON SCHEMA drizzle TO ${name};
      GRANT SELECT ON drizzle.__drizzle_migrations TO ${name}`)
    expect((await statusOf(asRole, project)).stdout).toContain('Up to date: 1 applied.\n')
  })

  it.each([
    ['the schema', 'GRANT SELECT ON drizzle.__drizzle_migrations TO'],
    ['the table', 'GRANT USAGE ON SCHEMA drizzle TO'],
  ])('prints the GRANT where %s of the history is closed', async (_, partial) => {
    const database = await freshDatabase(major)
    const project = journalProject([users])
    const { name } = await freshRole(undefined, major)
    await applied(database, project)
    await database.sql.unsafe(`${partial} ${name}`)
    const url = withSecret(database.url.replace('postgres@', `${name}@`))
    expect(await failure(['status', '--url', url], { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'permission-denied',
        message: `${name} may not read drizzle's history, drizzle.__drizzle_migrations.`,
        hint: `As its owner: GRANT USAGE ON SCHEMA "drizzle" TO "${name}"; GRANT SELECT ON "drizzle"."__drizzle_migrations" TO "${name}".`,
        sqlstate: '42501',
        database: { ...identity(database), user: name },
      }),
    )
  })
})

it('works on a standby', async () => {
  const project = journalProject([users])
  const standby = await startStandby(async server => {
    expect(await ops(['migrate', '--url', server.url()], { cwd: project.root })).toMatchObject({ code: 0 })
  })
  writeJournal(project, [users, posts])
  const outcome = await ops(['status', '--url', standby.url()], { cwd: project.root })
  expect(outcome.stdout).toContain('Not up to date: 1 applied, 1 pending.\n')
})

/** `users` as it was, `posts` edited, `tags` with another stamp, a row without its file, and three that never ran. */
async function journalOfSevenStates(database: TestDatabase): Promise<TestProject> {
  const tags = { name: '0002_tags', sql: sql('tags'), when: minutes(2) }
  const gone = { name: '0003_gone', sql: sql('gone'), when: minutes(3) }
  const project = journalProject([users, posts, tags, gone])
  await applied(database, project)
  rmSync(join(project.out, '0003_gone.sql'))
  writeJournal(project, [
    users,
    { ...posts, sql: 'CREATE TABLE posts (id bigint);' },
    { ...tags, when: minutes(2.5) },
    { name: '0003_late', sql: sql('late'), when: minutes(0.5) },
    { name: '0004_next', sql: sql('next'), when: minutes(4) },
    { name: '0005_typo', sql: sql('typo'), when: tomorrow.getTime() },
  ])
  return project
}

/** The same where a migration is known by its folder's name. */
async function foldersOfSixStates(database: TestDatabase): Promise<TestProject> {
  const project = foldersProject([
    { name: '20260101120000_users', sql: sql('users') },
    { name: '20260101120100_posts', sql: sql('posts') },
    { name: '20260101120200_tags', sql: sql('tags') },
    { name: '20260101120300_gone', sql: sql('gone') },
  ])
  await applied(database, project)
  const file = (name: string) => join(project.out, name, 'migration.sql')
  write(file('20260101120100_posts'), 'CREATE TABLE posts (id bigint);')
  rmSync(join(project.out, '20260101120200_tags'), { recursive: true })
  write(file('20260101120230_tags'), sql('tags'))
  rmSync(join(project.out, '20260101120300_gone'), { recursive: true })
  write(file('20260101120030_late'), sql('late'))
  write(file('20260101120400_next'), sql('next'))
  write(file('20990101120400_typo'), sql('typo'))
  return project
}

async function applied(database: TestDatabase, { root }: TestProject): Promise<void> {
  expect(await ops(['migrate', '--url', database.url], { cwd: root })).toMatchObject({ code: 0 })
}

function statusOf({ url }: TestDatabase, { root }: TestProject, ...flags: readonly string[]) {
  return ops(['status', ...flags, '--url', url], { cwd: root })
}

function identity({ name, url }: TestDatabase) {
  return { name, host: '127.0.0.1', port: Number(new URL(url).port), user: 'postgres', source: '--url' }
}
