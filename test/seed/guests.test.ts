import { expect, it } from 'vitest'
import { migratedGuest, projectNames } from '../support/guests.ts'
import { ops } from '../support/program.ts'
import { rowsOf } from '../support/seeding.ts'
import { majors } from '../support/shared-servers.ts'

const [first = 18, ...others] = majors()

it.each(projectNames)('%s gets the same rows on every server', async name => {
  const found: [string, { rows: number; hash: string }][][] = []
  for (const major of [first, ...(others.length > 0 ? others : [first])]) {
    const { database, here } = await migratedGuest(name, major)
    const { code, stderr } = await ops(['seed', '--rows', '40', '--now', '2026-01-01', '--yes'], here)
    expect(code, stderr).toBe(0)
    found.push([...(await rowsOf(database))])
  }
  expect(found[0]?.length).toBeGreaterThan(1)
  for (const rows of found.slice(1)) expect(rows).toEqual(found[0])
})
