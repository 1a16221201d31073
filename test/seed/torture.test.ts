import { beforeAll, describe, expect, it } from 'vitest'
import { documentOf, ops } from '../support/program.ts'
import { rowsOf, type Seeding, seeding, torture } from '../support/seeding.ts'
import { majors } from '../support/shared-servers.ts'

/** Tables that cannot hold 120 rows, and how many they can. */
const NARROW = {
  'types.keys_bool': 2,
  'types.keys_mood': 3,
  'types.keys_numeric': 99,
  'types.keys_percent': 101,
  'types.keys_tsvector': 26,
  'uniques.flags': 6,
}

const hashes: string[] = []

describe.each(majors())('a schema of everything on PostgreSQL %i', major => {
  let made: Seeding
  beforeAll(async () => {
    made = await seeding(major, torture)
  })

  it('takes the rows that are asked for, but where keys have no room for them', async () => {
    const { tables } = await made.seed('--rows', '120', '--now', '2026-01-01')
    const found = await rowsOf(made.database)
    expect(tables.map(({ table, rows }) => [table, rows]).toSorted()).toEqual(
      [...found].map(([table, { rows }]) => [table, rows]).toSorted(),
    )
    const fewer = tables.filter(({ rows }) => rows !== 120)
    expect(Object.fromEntries(fewer.map(({ table, rows }) => [table, rows]))).toEqual(NARROW)
    expect(fewer.every(({ notes }) => notes.length === 1)).toBe(true)
    hashes.push(JSON.stringify([...found]))
  })

  it('is the same on every version', () => {
    expect(new Set(hashes).size).toBe(1)
  })

  it('lets the next rows of an application in', async () => {
    const { sql } = made.database
    await sql`INSERT INTO keys.ever_always (name) VALUES ('x')`
    await sql`INSERT INTO keys.by_default DEFAULT VALUES`
    await sql`INSERT INTO keys.serials (name) VALUES ('x')`
    await sql`INSERT INTO keys.drawn (name) VALUES ('x')`
    await sql`INSERT INTO keys.only_generated DEFAULT VALUES`
    await sql`INSERT INTO parts.by_region (region) VALUES ('de')`
    await sql`INSERT INTO parts.by_month (created_at) VALUES ('2031-01-02')`
    await sql`INSERT INTO one.things (name) VALUES ('x')`
    await sql`INSERT INTO tenancy.tasks (tenant_id, team_id) SELECT tenant_id, id FROM tenancy.teams LIMIT 1`
    const { stdout } = await ops([
      'health',
      '--deep',
      '--skip',
      'settings',
      '--json',
      '--url',
      made.database.url,
    ])
    const { checks } = documentOf<{ checks: { id: string; status: string; message: string }[] }>({ stdout })
    expect(checks.filter(({ status }) => ['critical', 'unknown'].includes(status))).toEqual([])
  })

  it('goes on from what is there with --append', async () => {
    const before = await rowsOf(made.database)
    const { tables } = await made.seed('--append', '--rows', '30')
    const after = await rowsOf(made.database)
    for (const { table, rows, notes } of tables) {
      expect([table, after.get(table)?.rows]).toEqual([table, (before.get(table)?.rows ?? 0) + rows])
      expect([table, notes.length]).toEqual([table, rows < 30 ? 1 : 0])
    }
    const few = tables.filter(({ rows }) => rows < 30).map(({ table }) => table)
    expect(few.filter(table => !(table in NARROW))).toEqual([])
  })
})
