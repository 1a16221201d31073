import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { orm, stockRows } from '../support/drizzle.ts'
import { migrate, migrated, status } from '../support/migrate.ts'
import {
  emptyProject,
  foldersProject,
  journalProject,
  type TestMigration,
  type TestProject,
  write,
  writeJournal,
} from '../support/project.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int);' }
const posts = { name: '0001_posts', sql: 'CREATE TABLE posts (id int);' }

describe('a migrations folder', () => {
  it('that is missing', async () => {
    const here = emptyProject()
    expect(await failure(here)).toEqual({
      code: 'migrations-missing',
      message: `The migrations folder ${here.out} does not exist.`,
      hint: 'Correct out in the config, or make the first migration: drizzle-ops generate.',
    })
  })

  it('that is empty', async () => {
    const here = emptyProject()
    mkdirSync(here.out)
    expect(await failure(here)).toEqual({
      code: 'journal-missing',
      message: `${here.out} is empty, so what to migrate is unknown.`,
      hint: 'Run drizzle-kit generate, or correct out in the config. In a container, see whether the whole folder was copied.',
    })
  })

  it('that holds neither layout', async () => {
    const here = emptyProject()
    write(join(here.out, '0000_users.sql'), users.sql)
    expect((await failure(here)).message).toBe(
      `${here.out} holds neither meta/_journal.json nor folders with a migration.sql, so what to migrate is unknown.`,
    )
  })

  it('with a journal of no entries is up to date', async () => {
    const database = await freshDatabase()
    expect(await migrated(journalProject([]), database)).toMatchObject({ applied: [], alreadyApplied: 0 })
    expect(await database.dump()).not.toContain('drizzle')
  })

  it('whose journal has lost all entries is not up to date', async () => {
    const database = await freshDatabase()
    await migrated(journalProject([users]), database)
    expect(await status(journalProject([]), database)).toMatchObject({
      upToDate: false,
      counts: { missing: 1, applied: 0 },
    })
  })

  it('whose journal was left in conflict by a merge', async () => {
    const here = journalProject([users])
    const file = join(here.out, 'meta/_journal.json')
    write(file, `<<<<<<< HEAD\n${readFileSync(file, 'utf8')}\n=======\n>>>>>>> branch`)
    const told = await failure(here)
    expect(told).toMatchObject({
      code: 'journal-invalid',
      hint: 'A merge may have left conflict markers in it: mend it, or restore it from git.',
    })
    expect(told.message).toContain(`The journal ${file} is not JSON (`)
  })

  it('that lacks a file which the journal names', async () => {
    const here = journalProject([users, posts])
    rmSync(join(here.out, '0001_posts.sql'))
    expect(await failure(here)).toMatchObject({
      code: 'sql-file-missing',
      message: `The migration file ${join(here.out, '0001_posts.sql')} cannot be read (ENOENT).`,
    })
  })

  it('with a folder that drizzle 1.0 could not record', async () => {
    const here = foldersProject([{ name: 'first_users', sql: users.sql }])
    expect(await failure(here)).toMatchObject({
      code: 'folder-name',
      message: expect.stringContaining('first_users'),
    })
  })

  it('that nobody may write to', async () => {
    const here = journalProject([users])
    chmodSync(here.out, 0o555)
    const database = await freshDatabase()
    expect(await migrated(here, database)).toMatchObject({ applied: [{ name: '0000_users' }] })
    chmodSync(here.out, 0o755)
  })

  const closed = {
    'the folder': { path: '', code: 'migrations-missing' },
    'the journal': { path: 'meta/_journal.json', code: 'journal-invalid' },
    'the folder of the journal': { path: 'meta', code: 'journal-invalid' },
    'a migration': { path: '0000_users.sql', code: 'sql-file-missing' },
  }
  it.each(Object.entries(closed))('that another user may not read: %s', async (_, { path, code }) => {
    const here = journalProject([users])
    chmodSync(join(here.out, path), 0)
    const { code: exit, document } = await asOrdinaryUser(here)
    chmodSync(join(here.out, path), 0o755)
    expect(exit).toBe(2)
    expect(document.error).toMatchObject({ code, message: expect.stringContaining('(EACCES)') })
  })

  it('of which another user may not enter one migration, which must not vanish', async () => {
    const here = foldersProject([
      { name: '20260101000000_users', sql: users.sql },
      { name: '20260102000000_posts', sql: posts.sql },
    ])
    chmodSync(join(here.out, '20260102000000_posts'), 0)
    const { code, document } = await asOrdinaryUser(here)
    chmodSync(join(here.out, '20260102000000_posts'), 0o755)
    expect(code).toBe(2)
    expect(document.error).toMatchObject({ code: 'sql-file-missing' })
  })
})

describe('a migration file', () => {
  const latin1 = Buffer.from('CREATE TABLE caf\xe9 (id int); INSERT INTO caf\xe9 VALUES (1)', 'latin1')

  it('that is not UTF-8 is refused before anything runs', async () => {
    const here = journalProject([users, posts])
    write(join(here.out, '0001_posts.sql'), latin1)
    const database = await freshDatabase()
    const { code, document } = await migrate(here, database)
    expect(code).toBe(2)
    expect(document).toMatchObject({
      applied: [],
      pending: ['0000_users', '0001_posts'],
      error: {
        code: 'not-utf8',
        message: `${join(here.out, '0001_posts.sql')} is not UTF-8, so its text would reach the database changed.`,
        hint: 'Save it as UTF-8.',
      },
    })
    expect(await database.dump()).toBe(await (await freshDatabase()).dump())
  })

  it('that is not UTF-8 but was applied by drizzle is as good as any', async () => {
    const here = journalProject([users, posts])
    write(join(here.out, '0001_posts.sql'), latin1)
    const database = await freshDatabase()
    expect(await orm('0.x', here, database)).toMatchObject({ code: 0, stderr: '' })
    expect(await status(here, database)).toMatchObject({ upToDate: true, counts: { applied: 2 } })
    writeJournal(here, [users, posts, { name: '0002_more', sql: 'CREATE TABLE more ()' }])
    write(join(here.out, '0001_posts.sql'), latin1)
    expect(await migrated(here, database)).toMatchObject({ applied: [{ name: '0002_more' }] })
  })

  it('with a byte order mark runs, under the hash that drizzle takes of it', async () => {
    const sql =
      '\ufeffCREATE TABLE users (id int);\r\n--> statement-breakpoint\r\nCREATE TABLE posts (id int);\r\n'
    const database = await freshDatabase()
    await migrated(journalProject([{ name: '0000_users', sql }]), database)
    const [row] = await stockRows(database.sql)
    expect(row?.hash).toBe(createHash('sha256').update(sql).digest('hex'))
    expect(await database.sql`SELECT FROM pg_tables WHERE schemaname = 'public'`).toHaveLength(2)
  })

  it('with other line endings than when it was applied is no edit', async () => {
    const [unix, windows] = [
      'CREATE TABLE users (\n  id int\n);\n',
      'CREATE TABLE users (\r\n  id int\r\n);\r\n',
    ]
    for (const [before, after] of [
      [unix, windows],
      [windows, unix],
    ] as const) {
      const database = await freshDatabase()
      await orm('0.x', journalProject([{ name: '0000_users', sql: before }]), database)
      const here = journalProject([{ name: '0000_users', sql: after }])
      expect(await status(here, database)).toMatchObject({
        upToDate: true,
        counts: { applied: 1, edited: 0 },
      })
    }
  })
})

describe('5,000 migrations', () => {
  const layouts = {
    'a journal': {
      project: journalProject,
      nameOf: (index: number) => `${String(index).padStart(4, '0')}_step`,
    },
    folders: { project: foldersProject, nameOf: (index: number) => `${digits(stampOf(index))}_step` },
  }

  it.each(Object.entries(layouts))('in %s', async (layout, { project, nameOf }) => {
    const many = Array.from({ length: 5000 }, (_, index) => ({
      name: nameOf(index),
      sql: `CREATE TABLE t${index} (id int);`,
      when: stampOf(index),
    }))
    const here = project(many)
    const database = await freshDatabase()
    const [edited, gone, pending] = [many[2000], many[3000], many.slice(4995)]
    await recorded(database, many.slice(0, 4995), layout === 'folders')
    if (!edited || !gone) throw new Error('There are 5,000.')
    await database.sql`UPDATE drizzle.__drizzle_migrations SET hash = 'other' WHERE id = 2001`
    if (layout === 'folders') rmSync(join(here.out, gone.name), { recursive: true })
    else
      writeJournal(
        here,
        many.filter(migration => migration !== gone),
      )

    const started = performance.now()
    const told = await status(here, database)
    console.log(`status on 5,000 migrations in ${layout}: ${Math.round(performance.now() - started)} ms`)
    expect(told).toMatchObject({
      upToDate: false,
      counts: { applied: 4993, pending: 5, late: 0, edited: 1, restamped: 0, missing: 1, future: 0 },
    })
    const { document } = await migrate(here, database)
    expect(document.error?.message.split('\n').slice(1)).toEqual([
      `${edited.name} was changed after it had been applied.`,
      `${layout === 'folders' ? gone.name : 'row 3001'} is recorded as applied, but its file is gone.`,
    ])

    await database.sql`DELETE FROM drizzle.__drizzle_migrations WHERE id = 3001`
    await database.sql`UPDATE drizzle.__drizzle_migrations SET hash = ${hashOf(edited)} WHERE id = 2001`
    expect((await migrated(here, database)).applied.map(({ name }) => name)).toEqual(
      pending.map(({ name }) => name),
    )
  })
})

/** What `migrate` and `status` both tell, to the letter. */
async function failure(here: TestProject) {
  const database = await freshDatabase()
  const { code, document } = await migrate(here, database)
  expect(code).toBe(2)
  const { error } = (await status(here, database)) as typeof document
  expect(error).toEqual(document.error)
  const { code: name = '', message = '', hint = '' } = error ?? {}
  return { code: name, message, hint }
}

/** `migrate` as somebody for whom permissions count, which they do not for root. */
async function asOrdinaryUser(here: TestProject) {
  const database = await freshDatabase()
  // what is imported on the way must have been, for our own files may be closed to others
  await status(here, database).catch(() => undefined)
  chmodSync(here.root, 0o755)
  if (process.getuid?.() !== 0) return migrate(here, database)
  process.seteuid?.(1)
  try {
    return await migrate(here, database)
  } finally {
    process.seteuid?.(0)
  }
}

function stampOf(index: number): number {
  return Date.UTC(2026, 0, 1) + index * 60_000
}

/** 20260101000000 */
function digits(when: number): string {
  return new Date(when).toISOString().replace(/\D/g, '').slice(0, 14)
}

function hashOf({ sql }: TestMigration): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** Drizzle's table as it would be after all of them. */
async function recorded(
  { sql }: TestDatabase,
  migrations: readonly TestMigration[],
  named: boolean,
): Promise<void> {
  const columns = named ? ', name text, applied_at timestamp with time zone DEFAULT now()' : ''
  await sql.unsafe(`
    CREATE SCHEMA drizzle;
    CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint${columns})`)
  const rows = migrations.map(migration => ({
    hash: hashOf(migration),
    created_at: migration.when,
    ...(named && { name: migration.name }),
  }))
  for (let from = 0; from < rows.length; from += 1000) {
    await sql`INSERT INTO drizzle.__drizzle_migrations ${sql(rows.slice(from, from + 1000))}`
  }
}
