import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'

it("gives the session the URL's options, also after a file has changed them", async () => {
  const { url, sql } = await freshDatabase()
  await sql`CREATE SCHEMA tenant`
  const { root } = journalProject([
    { name: '0000_one', sql: 'CREATE TABLE one (id int); SET search_path = public;' },
    { name: '0001_two', sql: 'CREATE TABLE two (id int);' },
  ])
  const tenant = `${url}?options=-c%20search_path%3Dtenant`
  expect(await ops(['migrate', '--quiet', '--url', tenant], { cwd: root })).toMatchObject({ code: 0 })
  const tables = await sql`SELECT tablename FROM pg_tables WHERE schemaname = 'tenant' ORDER BY 1`
  expect(tables.map(row => row.tablename)).toEqual(['one', 'two'])
})
