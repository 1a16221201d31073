import { expect, it } from 'vitest'
import { seeding } from '../support/seeding.ts'
import { newestMajor } from '../support/shared-servers.ts'

it.each(['deleted_at', 'deleted', 'deletedAt', 'archivedAt'])('leaves %s empty in most rows', async name => {
  const { database, seed } = await seeding(
    newestMajor(),
    `CREATE TABLE pages (id serial PRIMARY KEY, "createdAt" timestamptz NOT NULL, "${name}" timestamptz)`,
  )
  await seed('--rows', '400')
  const { sql } = database
  const [found] = await sql<{ set: number; after: boolean }[]>`
    SELECT count(${sql(name)})::int AS set, bool_and(${sql(name)} >= "createdAt") AS after FROM pages`
  expect(found?.after).toBe(true)
  expect(found?.set).toBeGreaterThan(5)
  expect(found?.set).toBeLessThan(40)
})
