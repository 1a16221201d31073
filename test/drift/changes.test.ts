import { beforeAll, describe, expect, it } from 'vitest'
import type { Definitions } from '../../src/catalog/definitions/read.ts'
import { clone, template } from '../support/databases.ts'
import { catalogOn, definitionsOf, differencesFrom, inWords } from '../support/drifting.ts'
import { majors } from '../support/shared-servers.ts'
import { changes } from './changes.ts'

const made = template('drift', async ({ sql, major }) => {
  await sql.unsafe(catalogOn(major))
})

describe.each(majors())('on PostgreSQL %i', major => {
  const known = changes.filter(({ since = 0 }) => since <= major)
  let expected: Definitions
  let facts: string[]

  beforeAll(async () => {
    const database = await clone(made, major)
    expected = await definitionsOf(database)
    facts = factsOf(await database.dump())
  })

  it('tells of no difference on an untouched database', async () => {
    const database = await clone(made, major)
    expect(await differencesFrom(expected, database, { privileges: true })).toEqual([])
  })

  it.each(known)('$sql is one difference, and its SQL takes it back', async ({ sql, difference, grants }) => {
    const database = await clone(made, major)
    await database.sql.unsafe(sql)
    const options = { privileges: grants ?? false }
    const differences = await differencesFrom(expected, database, options)
    expect(differences.map(inWords)).toEqual([difference])
    for (const each of differences) await database.sql.unsafe(each.sql ?? '')
    expect(await differencesFrom(expected, database, options)).toEqual([])
    expect(factsOf(await database.dump())).toEqual(facts)
  })

  it('mends several at once in the order in which it tells them', async () => {
    const database = await clone(made, major)
    await database.sql.unsafe(together)
    const differences = await differencesFrom(expected, database)
    expect(differences.map(inWords)).toMatchInlineSnapshot(`
      [
        "view public.coloured",
        "column public.notes.extra",
        "table public.active",
        "table public.extra",
        "enum public.colour",
        "column public.users.bio type",
        "enum public.mood",
        "function app.touch()",
        "table public.posts",
        "column public.users.initials",
      ]
    `)
    for (const each of differences) await database.sql.unsafe(each.sql ?? '')
    expect(await differencesFrom(expected, database)).toEqual([])
  })
})

/** What is new needs what is new, what is gone was needed by what is gone, and names have changed hands. */
const together = `
  CREATE TYPE colour AS ENUM ('red');
  CREATE TABLE extra (id integer PRIMARY KEY, colour colour, post integer REFERENCES posts);
  CREATE VIEW coloured AS SELECT * FROM extra;
  ALTER TABLE notes ADD COLUMN extra integer REFERENCES extra;
  DROP VIEW active CASCADE;
  ALTER TABLE users DROP COLUMN initials, ALTER COLUMN bio TYPE varchar(50), DROP COLUMN feeling, DROP COLUMN feelings;
  DROP TYPE mood;
  CREATE TABLE active (id integer);
  DROP TABLE posts CASCADE;
  DROP FUNCTION app.touch();
`

/** Without the order of columns, which one that is made again does not get back, and what DROP and CREATE in turn lose. */
function factsOf(dump: string): string[] {
  return dump
    .split('\n')
    .filter(fact => !fact.startsWith('column ') && !fact.startsWith('privilege '))
    .sort()
}
