import { integer, pgTable, timestamp } from 'drizzle-orm/pg-core'
import { expect, it } from 'vitest'
import { withDatabase } from '../../src/database/database.ts'
import { drizzleOn } from '../../src/database/drizzle.ts'
import { parseUrl } from '../../src/project/url.ts'
import { contextWith } from '../support/context.ts'
import { freshDatabase } from '../support/databases.ts'

const notes = pgTable('notes', { id: integer('id'), made: timestamp('made', { mode: 'string' }) })

it('gives Drizzle on the working connection, in its transaction', async () => {
  const { url, sql } = await freshDatabase()
  await sql`CREATE TABLE notes (id int, made timestamp)`
  const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: false }
  const target = parseUrl(url, 'a test', 'postgres')
  const rows = await withDatabase(contextWith({}), target, { command: 'test', settings }, async database => {
    const db = drizzleOn(database, { notes })
    await database.script('BEGIN')
    await db.insert(notes).values({ id: 1, made: '2026-01-01 00:00:00.123456' })
    const found = await db.query.notes.findMany()
    await database.script('ROLLBACK')
    return found
  })
  expect(rows).toEqual([{ id: 1, made: '2026-01-01 00:00:00.123456' }])
  expect(await sql`SELECT FROM notes`).toHaveLength(0)
})
