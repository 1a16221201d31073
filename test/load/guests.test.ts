import { describe, expect, it } from 'vitest'
import { migratedGuest, projectNames } from '../support/guests.ts'
import { majors } from '../support/shared-servers.ts'
import { contentsOf } from './contents.ts'
import { fill } from './fill.ts'
import { exported, imported, rowsOf } from './moving.ts'

/** The table that everything hangs from. */
const roots = {
  platform: 'users',
  codegen: 'users',
  'product-helper': 'users',
  'claude-code': 'claude_code_users',
  draehi: 'users',
  'backend-template': 'users',
  'backend-template-1.0': 'users',
} as const
/** What hangs from no user. */
const apart = /verifications|migrations/

const ways = majors().flatMap(from => majors().flatMap(to => (to >= from ? [[from, to] as const] : [])))

describe.each(ways)('from PostgreSQL %i to %i', (from, to) => {
  it.each(projectNames)('%s comes into an empty database as it was', async name => {
    const source = await migratedGuest(name, from)
    const target = await migratedGuest(name, to)
    await fill(source.database.sql)
    const root = roots[name]
    const file = await exported([root, '--with-secrets'], source.database.url, source.here)
    const result = await imported(file, target.database.url, [], target.here)
    const [theirs, ours] = [await contentsOf(source.database.sql), await contentsOf(target.database.sql)]
    for (const [table, rows] of Object.entries(theirs))
      if (!apart.test(table)) expect(ours[table]).toEqual(rows)
    expect(result.tables.reduce((sum, { inserted }) => sum + inserted, 0)).toBeGreaterThan(8)
    expect(rowsOf(await exported([root, '--with-secrets'], target.database.url, target.here))).toBe(
      rowsOf(file),
    )
  })
})
