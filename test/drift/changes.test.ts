import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clone, template } from '../support/databases.ts'
import { definitionsOf, differencesFrom, inWords } from '../support/drifting.ts'
import { majors } from '../support/shared-servers.ts'
import { changes } from './changes.ts'

const catalog = readFileSync(join(import.meta.dirname, 'catalog.sql'), 'utf8')
const made = template('drift', async ({ sql }) => {
  await sql.unsafe(catalog)
})

describe.each(majors())('on PostgreSQL %i', major => {
  const known = changes.filter(({ since = 0 }) => since <= major)

  it('tells of no difference on an untouched database', async () => {
    const database = await clone(made, major)
    const expected = await definitionsOf(database)
    expect(await differencesFrom(expected, database, { privileges: true })).toEqual([])
  })

  it.each(known)('$sql is one difference, and its SQL takes it back', async ({ sql, difference, grants }) => {
    const database = await clone(made, major)
    const expected = await definitionsOf(database)
    const before = await database.dump()
    await database.sql.unsafe(sql)
    const options = { privileges: grants ?? false }
    const differences = await differencesFrom(expected, database, options)
    expect(differences.map(inWords)).toEqual([difference])
    for (const each of differences) await database.sql.unsafe(each.sql ?? '')
    expect(await differencesFrom(expected, database, options)).toEqual([])
    expect(factsOf(await database.dump())).toEqual(factsOf(before))
  })
})

/** Without the order of columns, which a column that is made again does not get back, and without what a DROP and CREATE in turn loses. */
function factsOf(dump: string): string[] {
  return dump
    .split('\n')
    .filter(fact => !fact.startsWith('column ') && !fact.startsWith('privilege '))
    .sort()
}
