import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SeedResult } from '../../src/seed/seed.ts'
import { migratedGuest } from '../support/guests.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'
import { rowsOf, seeding } from '../support/seeding.ts'
import { newestMajor } from '../support/shared-servers.ts'

const major = newestMajor()
const SHOP = `
  CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, age int);
  CREATE TABLE orders (id uuid PRIMARY KEY, user_id int NOT NULL REFERENCES users, price numeric(8,2) NOT NULL, created_at timestamp NOT NULL);
  CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
  CREATE TABLE order_tags (order_id uuid REFERENCES orders, tag_id int REFERENCES tags, PRIMARY KEY (order_id, tag_id))`

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string }
}

/** The shop's database in a project whose config holds these settings of `seed`. */
async function shop(settings = '{}') {
  const made = await seeding(major, SHOP)
  const cwd = emptyFolder()
  write(
    join(cwd, 'drizzle.config.ts'),
    `export default { dialect: 'postgresql' }\nexport const ops = { seed: ${settings} }\n`,
  )
  const run = (...args: string[]) => ops(['seed', '--url', made.database.url, ...args], { cwd })
  return { ...made, run }
}

describe('values', () => {
  it('are the same again, and others with another seed', async () => {
    const { database, seed } = await shop()
    await seed('--now', '2026-01-01')
    const first = await rowsOf(database)
    await seed('--now', '2026-01-01', '--truncate')
    expect(await rowsOf(database)).toEqual(first)
    await seed('--now', '2026-01-01', '--truncate', '--seed', 'other')
    expect((await rowsOf(database)).get('public.orders')?.hash).not.toBe(first.get('public.orders')?.hash)
  })

  it('stay where a column comes or where more rows are wanted', async () => {
    const { database, seed } = await shop()
    const columns = 'id, user_id, price'
    const orders = () => database.sql.unsafe(`SELECT ${columns} FROM orders ORDER BY id`)
    await seed('--now', '2026-01-01', '--rows', 'orders=50')
    const before = await orders()
    await database.sql`ALTER TABLE orders ADD note text NOT NULL DEFAULT ''`
    await seed('--now', '2026-01-01', '--rows', 'orders=50', '--truncate')
    expect(await orders()).toEqual(before)
    await seed('--now', '2026-01-01', '--rows', 'orders=500', '--truncate')
    const more = (await orders()).map(row => JSON.stringify(row))
    expect(before.filter(row => !more.includes(JSON.stringify(row)))).toEqual([])
  })

  it('lie in time where their names say', async () => {
    const { database, seed } = await shop()
    await seed('--now', '2026-01-01', '--rows', '300')
    const [found] = await database.sql`
      SELECT bool_and(created_at <= updated_at AND updated_at <= '2026-01-01' AND expires_at > '2026-01-01') AS ordered,
             count(age)::float8 / count(*) AS given, min(age) >= 18 AND max(age) <= 80 AS grown,
             bool_and(email LIKE '%@example.com') AS addressed FROM users`
    expect(found).toMatchObject({ ordered: true, grown: true, addressed: true })
    expect(found?.given).toBeGreaterThan(0.8)
    expect(found?.given).toBeLessThan(0.97)
    const [fan] = await database.sql`
      SELECT max(n) AS most FROM (SELECT count(*)::int AS n FROM orders GROUP BY user_id) AS each`
    expect(fan?.most).toBeGreaterThan(5)
  })

  it('begin no sooner than what they belong to, also where ops.seed says when that was', async () => {
    const columns = `{ 'users.created_at': (row, { now }) => row % 2 === 0 ? new Date(now - 86400000) : '2024-01-01' }`
    for (const { database, run } of [await shop(), await shop(`{ columns: ${columns} }`)]) {
      await run('--yes', '--now', '2026-01-01', '--rows', '300')
      const [found] = await database.sql`
        SELECT count(*)::int AS orders, bool_and(orders.created_at >= users.created_at AT TIME ZONE 'UTC') AS after,
               max(orders.created_at) <= '2026-01-01' AS before_now, min(orders.created_at) < '2025-10-01' AS spread
        FROM orders JOIN users ON users.id = orders.user_id`
      expect(found).toEqual({ orders: 300, after: true, before_now: true, spread: true })
    }
  })

  it('come from ops.seed where it says so', async () => {
    const { database, seed, run } = await shop(
      `{ rows: { tags: 2 }, columns: { 'orders.price': 5, 'tags.name': row => 'tag ' + row, 'users.age': [30, 40] } }`,
    )
    const done = await run('--yes', '--json')
    expect(documentOf<SeedResult>(done).tables.find(({ table }) => table === 'public.tags')?.rows).toBe(2)
    expect(await database.sql`SELECT name FROM tags ORDER BY id`).toEqual([
      { name: 'tag 0' },
      { name: 'tag 1' },
    ])
    expect(await database.sql`SELECT DISTINCT price::float8 AS price FROM orders`).toEqual([{ price: 5 }])
    expect(await database.sql`SELECT DISTINCT age FROM users ORDER BY age`).toEqual([
      { age: 30 },
      { age: 40 },
    ])
    await expect(seed('--append', '--only', 'tags')).resolves.toMatchObject({ tables: [{ rows: 20 }] })
  })

  it('are refused for columns and tables that do not exist, with the nearest that does', async () => {
    const { run } = await shop(`{ columns: { 'users.emial': 'x' } }`)
    expect(documentOf<Failure>(await run('--yes', '--json')).error).toMatchObject({
      code: 'seed-column',
      hint: 'Did you mean users.email?',
    })
    expect(documentOf<Failure>(await run('--yes', '--json', '--rows', 'user=5')).error).toMatchObject({
      code: 'seed-table',
      message: 'There is no table user.',
      hint: 'Did you mean users?',
    })
  })
})

describe('rows that are there', () => {
  it('are refused by name, and nothing is written', async () => {
    const { database, run } = await shop()
    await database.sql`INSERT INTO tags (name) VALUES ('mine')`
    const before = await rowsOf(database)
    const refused = await run('--yes', '--json')
    expect(refused.code).toBe(1)
    expect(documentOf<Failure>(refused).error).toMatchObject({
      code: 'non-empty',
      message: 'public.tags has rows already.',
      hint: expect.stringContaining('--allow non-empty'),
    })
    expect(await rowsOf(database)).toEqual(before)
    expect((await run('--yes', '--allow', 'non-empty')).code).toBe(0)
  })

  it('are never met again with --append, whatever is in them', async () => {
    const { database, seed } = await shop()
    await seed('--rows', '40')
    // gaps below, and a value that was to come
    await database.sql`DELETE FROM order_tags WHERE tag_id < 20`
    await database.sql`DELETE FROM tags WHERE id < 20`
    const [taken] = await database.sql`SELECT name FROM tags ORDER BY id DESC LIMIT 1`
    await database.sql`UPDATE users SET email = 'x' || id || '@example.com' WHERE id % 2 = 0`
    const { tables } = await seed('--append', '--rows', '60')
    expect(tables.map(({ rows }) => rows)).toEqual([60, 60, 60, 60])
    expect(await database.sql`SELECT count(*)::int AS n FROM tags WHERE name = ${taken?.name}`).toEqual([
      { n: 1 },
    ])
    await database.sql`INSERT INTO tags (name) VALUES ('next')`
  })

  it('go with --truncate, those that point to them as well, and numbers begin anew', async () => {
    const { database, run, seed } = await shop()
    await seed()
    await database.sql`INSERT INTO tags (name) VALUES ('x')`
    const refused = await run('--truncate', '--only', 'tags', '--json')
    expect(refused.code).toBe(2)
    expect(documentOf<Failure>(refused).error).toMatchObject({
      code: 'consent-missing',
      message: expect.stringContaining(
        'This deletes all rows of public.tags, public.order_tags, then writes 20 made-up rows into 1 tables.',
      ),
    })
    const done = documentOf<SeedResult>(await run('--truncate', '--only', 'tags', '--yes', '--json'))
    expect(done.truncated).toEqual(['public.tags', 'public.order_tags'])
    expect(await database.sql`SELECT min(id), max(id) FROM tags`).toEqual([{ min: 1, max: 20 }])
    expect(await database.sql`SELECT FROM order_tags`).toEqual([])
    expect((await database.sql`SELECT FROM orders`).length).toBeGreaterThan(0)
    expect(await database.sql`INSERT INTO tags (name) VALUES ('next') RETURNING id`).toEqual([{ id: 21 }])
  })

  it("leave drizzle's history alone", async () => {
    const guest = await migratedGuest('codegen')
    const history = () => guest.database.sql`SELECT * FROM drizzle.__drizzle_migrations ORDER BY id`
    const before = await history()
    for (const mode of ['--append', '--truncate'])
      expect((await ops(['seed', mode, '--yes'], guest.here)).code).toBe(0)
    expect(await history()).toEqual(before)
    expect(before.length).toBeGreaterThan(0)
  })
})

describe('all or nothing', () => {
  const FAILING = `${SHOP};
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
    CREATE TRIGGER refuse BEFORE INSERT ON order_tags EXECUTE FUNCTION refuse()`

  it('is what a run writes', async () => {
    const { database, seed } = await seeding(major, FAILING)
    await expect(seed()).rejects.toThrow('no')
    expect([...(await rowsOf(database)).values()].map(({ rows }) => rows)).toEqual([0, 0, 0, 0])
    await expect(seed('--commit-each-table')).rejects.toThrow('no')
    expect([...(await rowsOf(database)).values()].map(({ rows }) => rows)).toEqual([0, 60, 20, 20])
  })

  it('says beforehand which CHECK no row meets', async () => {
    const { database, seed } = await seeding(
      major,
      'CREATE TABLE odd (id int PRIMARY KEY, a int NOT NULL, CHECK (a * a = 2))',
    )
    await expect(seed()).rejects.toThrow(
      /"code": "seed-check",\s+"message": "No row of public.odd could be made that meets CHECK \(\(\(a \* a\) = 2\)\)\. Nothing was written\."/,
    )
    expect(await database.sql`SELECT FROM odd`).toEqual([])
  })

  it('says which type it knows nothing of, and which parents are missing', async () => {
    const { seed } = await seeding(
      major,
      `${SHOP}; CREATE TABLE strange (id serial PRIMARY KEY, type aclitem NOT NULL)`,
    )
    await expect(seed('--only', 'strange')).rejects.toThrow(
      /"seed-type",\s+"message": "public.strange.type is aclitem, of which no values are known/,
    )
    await expect(seed('--only', 'orders')).rejects.toThrow(
      /"seed-parents",\s+"message": "public.orders needs rows of public.users to point to by user_id, and there are none."/,
    )
    const { tables } = await seed('--exclude', 'strange,o*')
    expect(tables.map(({ table }) => table)).toEqual(['public.tags', 'public.users'])
  })
})

it('writes many rows by several statements, but those that point to others of their table by one', async () => {
  const { database, seed } = await seeding(
    major,
    `${SHOP};
    CREATE TABLE ring (id int PRIMARY KEY, next_id int NOT NULL UNIQUE REFERENCES ring);
    CREATE TABLE written (title text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO written VALUES (TG_TABLE_NAME); RETURN NULL; END';
    CREATE TRIGGER note AFTER INSERT ON orders EXECUTE FUNCTION note();
    CREATE TRIGGER note AFTER INSERT ON ring EXECUTE FUNCTION note()`,
  )
  await seed('--exclude', 'written', '--rows', 'orders=12000', '--rows', 'ring=12000')
  expect(await database.sql`SELECT title, count(*)::int FROM written GROUP BY title ORDER BY title`).toEqual([
    { title: 'orders', count: 3 },
    { title: 'ring', count: 1 },
  ])
  const [{ orders, ids } = {}] = await database.sql`
    SELECT count(*)::int AS orders, count(DISTINCT id)::int AS ids FROM orders`
  expect([orders, ids]).toEqual([12_000, 12_000])
})

it('shows with --dry-run what would be, and writes nothing', async () => {
  const { database, run } = await shop()
  const { stdout, code } = await run(
    '--dry-run',
    '--now',
    '2026-01-01',
    '--scale',
    '0.1',
    '--only',
    'users,tags',
  )
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines.slice(0, 3)).toEqual(['table         would be  time', 'public.tags   2', 'public.users  2'])
  expect(lines.at(-2)).toBe(
    'Nothing was written; 4 rows would be. --seed 1 --now 2026-01-01T00:00:00.000Z makes the same ones again.',
  )
  expect([...(await rowsOf(database)).values()].every(({ rows }) => rows === 0)).toBe(true)
})

it('follows reset --seed, and is told of there', async () => {
  const { here, database } = await migratedGuest('draehi')
  const { stdout, stderr, code } = await ops(
    ['reset', '--seed', '--on', database.name, '--yes', '--json'],
    here,
  )
  expect(code, stdout + stderr).toBe(0)
  const { seeded } = documentOf<{ seeded: { table: string; rows: number }[] }>({ stdout })
  expect(seeded.find(({ table }) => table === 'public.users')).toMatchObject({ rows: 20 })
  const found = await rowsOf(database)
  expect(seeded.map(({ table, rows }) => [table, rows]).toSorted()).toEqual(
    [...found].map(([table, { rows }]) => [table, rows]).toSorted(),
  )
})
