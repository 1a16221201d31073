import { expect, it } from 'vitest'
import { seeding } from '../support/seeding.ts'
import { newestMajor } from '../support/shared-servers.ts'

it('keeps the rows that fit where other texts, to tell more of them apart, meet no condition', async () => {
  const { database, seed } = await seeding(
    newestMajor(),
    `CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL CHECK (name <> lower(name)));
     CREATE UNIQUE INDEX users_initials ON users (left(name, 2))`,
  )
  const { tables } = await seed('--rows', '200')
  const [{ rows = 0, notes = [] } = {}] = tables
  expect(rows).toBeGreaterThan(20)
  expect(notes).toEqual([`${rows} rows rather than 200, for its keys and conditions take no more`])
  expect(await database.sql`SELECT count(*)::int AS rows FROM users`).toEqual([{ rows }])
})
