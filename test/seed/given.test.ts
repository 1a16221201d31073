import { expect, it, vi } from 'vitest'
import { seedConfig } from '../support/seed-config.ts'
import { seeding } from '../support/seeding.ts'
import { newestMajor } from '../support/shared-servers.ts'

it("follows a number that the config writes as text, as Drizzle's numeric does", async () => {
  const { database, seed } = await seeding(
    newestMajor(),
    `CREATE TABLE offers (id serial PRIMARY KEY, min_price numeric NOT NULL, max_price numeric NOT NULL,
       CHECK (min_price <= max_price))`,
  )
  const config = seedConfig(`{ 'offers.min_price': row => String(5 + row % 2) }`)
  await seed('--config', config, '--rows', '50')
  const [found] = await database.sql`
    SELECT count(*)::int AS offers, bool_and(max_price BETWEEN min_price AND min_price + 100) AS near FROM offers`
  expect(found).toEqual({ offers: 50, near: true })
})

it('takes an instant without a zone for UTC, wherever it runs', async () => {
  const { database, seed } = await seeding(
    newestMajor(),
    `CREATE TABLE shifts (id serial PRIMARY KEY, begins timestamptz NOT NULL, ends timestamptz NOT NULL,
       CHECK (begins < ends))`,
  )
  const config = seedConfig(`{ 'shifts.begins': () => '2026-01-01 10:00:00' }`)
  vi.stubEnv('TZ', 'Asia/Tokyo')
  try {
    expect(new Date(0).getTimezoneOffset()).toBe(-9 * 60)
    await seed('--config', config, '--rows', '50', '--now', '2026-06-01')
  } finally {
    vi.unstubAllEnvs()
  }
  // a row whose end lay before its beginning would have been left out, and its number with it
  const [found] = await database.sql`
    SELECT count(*)::int AS shifts, max(id) AS last, min(ends - begins) >= '30 min' AS after FROM shifts`
  expect(found).toEqual({ shifts: 50, last: 50, after: true })
})
