import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { seeding } from '../support/seeding.ts'
import { majors } from '../support/shared-servers.ts'

const NAMES = ['citext', 'hstore', 'ltree', 'cube']

it.each(majors())('knows the types of extensions that PostgreSQL %i has at hand', async major => {
  const { sql } = await freshDatabase(major)
  const found = await sql<
    { name: string }[]
  >`SELECT name FROM pg_available_extensions WHERE name IN ${sql(NAMES)}`
  const names = found.map(({ name }) => name)
  if (names.length === 0)
    return console.log(`PostgreSQL ${major} of the tests has none of ${NAMES.join(', ')}.`)
  const extensions = names.map(name => `CREATE EXTENSION ${name};`).join(' ')
  const columns = names.map(name => `${name}_key ${name} UNIQUE, ${name}_list ${name}[] NOT NULL`).join(', ')
  const { seed } = await seeding(major, `${extensions} CREATE TABLE t (id serial PRIMARY KEY, ${columns})`)
  expect(await seed('--rows', '300')).toMatchObject({ tables: [{ rows: 300, notes: [] }] })
})
