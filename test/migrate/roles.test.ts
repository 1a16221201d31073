import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { kit, picture, stockRows } from '../support/drizzle.ts'
import { migrate, migrated, status } from '../support/migrate.ts'
import { foldersProject, journalProject, writeJournal } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'
import { startStandby } from '../support/standby.ts'

const schema = { name: '0000_schema', sql: 'CREATE SCHEMA app; CREATE TABLE app.users (id int);' }
const posts = {
  name: '0001_posts',
  sql: 'CREATE TABLE app.posts (id int); INSERT INTO app.users VALUES (1);',
}

const history = 'drizzle.__drizzle_migrations'
const reading = `USAGE ON SCHEMA drizzle; SELECT ON ${history}`
const recording = `${reading}; INSERT ON ${history}; USAGE ON SEQUENCE drizzle.__drizzle_migrations_id_seq`
const building = 'USAGE ON SCHEMA app; CREATE ON SCHEMA app; INSERT ON app.users'

describe.each(majors())('on PostgreSQL %i', major => {
  it('a role that may create nothing but its own tables migrates them', async () => {
    const database = await freshDatabase(major)
    const here = journalProject([schema])
    await kit('0.x', ['migrate'], here, database)
    const { url, name } = await roleOf(database, recording, building)
    writeJournal(here, [schema, posts])
    expect(await migrated(here, { url })).toMatchObject({
      applied: [{ name: '0001_posts' }],
      alreadyApplied: 1,
    })
    expect([...(await database.sql`SELECT tableowner FROM pg_tables WHERE tablename = 'posts'`)]).toEqual([
      { tableowner: name },
    ])
    expect(await stockRows(database.sql)).toHaveLength(2)
  })

  it('a role that may only read goes through where nothing is pending', async () => {
    const database = await freshDatabase(major)
    const here = journalProject([schema])
    await migrated(here, database)
    const { url, name } = await roleOf(database, reading)
    await database.sql.unsafe(`ALTER ROLE ${name} SET default_transaction_read_only = on`)
    const before = await picture(database)
    const { code, document, stderr } = await migrate(here, { url })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(document).toMatchObject({ applied: [], pending: [], alreadyApplied: 1 })
    expect(await status(here, { url })).toMatchObject({ upToDate: true })
    expect(await picture(database)).toEqual(before)
  })

  it('a role that may only read leaves a table of drizzle 0.x to folders of 1.0 as it is', async () => {
    const database = await freshDatabase(major)
    await migrated(journalProject([{ ...schema, when: Date.UTC(2026, 0, 1) }]), database)
    const { url } = await roleOf(database, reading)
    const here = foldersProject([{ name: '20260101000000_schema', sql: schema.sql }])
    expect(await migrated(here, { url })).toMatchObject({ applied: [], alreadyApplied: 1 })
  })

  it.each([
    {
      may: 'not write the history',
      grants: [reading, building],
    },
    {
      may: 'not number a row of the history',
      grants: [reading, `INSERT ON ${history}`, building],
    },
  ])('a role that may $may leaves nothing of the file', async ({ grants }) => {
    const database = await freshDatabase(major)
    const here = journalProject([schema])
    await migrated(here, database)
    const { url, name } = await roleOf(database, ...grants)
    const before = await picture(database)
    writeJournal(here, [schema, posts])
    const { code, document } = await migrate(here, { url })
    expect(code).toBe(1)
    expect(document).toMatchObject({
      applied: [],
      pending: ['0001_posts'],
      error: {
        code: 'permission-denied',
        sqlstate: '42501',
        message: `${here.out}/0001_posts.sql, at its end: ${name} may not write drizzle's history, ${history}.`,
        hint: `As its owner: GRANT USAGE ON SCHEMA "drizzle" TO "${name}"; GRANT SELECT, INSERT ON "drizzle"."__drizzle_migrations" TO "${name}"; GRANT USAGE ON SEQUENCE "drizzle"."__drizzle_migrations_id_seq" TO "${name}".`,
      },
    })
    expect(await picture(database)).toEqual(before)
  })
})

it('on a standby, goes through where nothing is pending and refuses to write otherwise', async () => {
  const here = journalProject([schema])
  const standby = await startStandby(async server => {
    await migrated(here, { url: server.url() })
  })
  const url = standby.url()
  expect(await migrated(here, { url })).toMatchObject({ applied: [], alreadyApplied: 1 })
  writeJournal(here, [schema, posts])
  expect(await status(here, { url })).toMatchObject({ counts: { applied: 1, pending: 1 } })
  expect(await migrate(here, { url })).toMatchObject({
    code: 1,
    document: { applied: [], pending: ['0001_posts'], error: { code: 'read-only', sqlstate: '25006' } },
  })
})

/** A new role with these privileges, and the database's URL for it. */
async function roleOf({ major, url, sql }: TestDatabase, ...grants: readonly string[]) {
  const { name } = await freshRole(undefined, major)
  for (const grant of grants.flatMap(each => each.split('; '))) await sql.unsafe(`GRANT ${grant} TO ${name}`)
  return { name, url: url.replace('postgres@', `${name}@`) }
}
