import { describe, expect, it } from 'vitest'
import { clone, freshDatabase, type TestDatabase, template } from '../support/databases.ts'
import { migratedGuest } from '../support/guests.ts'
import { majors } from '../support/shared-servers.ts'
import { contentsOf } from './contents.ts'
import { fill } from './fill.ts'
import { exported, imported, refusal } from './moving.ts'
import { TORTURE_ROWS, TORTURE_SCHEMA } from './torture.ts'

const full = template('torture_ids', async ({ sql }) => {
  await sql.unsafe(TORTURE_SCHEMA)
  await sql.unsafe(TORTURE_ROWS)
})

/** How many rows each copy of tenant 1 has, told by what hangs together. */
async function tenants({ sql }: TestDatabase): Promise<readonly unknown[]> {
  return sql`
    SELECT tenant.name,
           (SELECT count(*)::int FROM typed WHERE tenant = tenant.id) AS typed,
           (SELECT count(*)::int FROM other.tenants AS other WHERE other.tenant = tenant.id) AS others,
           (SELECT count(*)::int FROM orders JOIN lines USING (tenant, code) WHERE orders.tenant = tenant.id) AS lines,
           (SELECT count(*)::int FROM nodes AS node JOIN nodes AS parent ON parent.id = node.parent AND parent.tenant = node.tenant
            WHERE node.tenant = tenant.id) AS children,
           (SELECT count(*)::int FROM eggs JOIN hens ON hens.id = eggs.hen AND hens.egg = eggs.id WHERE eggs.tenant = tenant.id) AS pairs,
           (SELECT count(*)::int FROM bottoms JOIN lefts ON lefts.id = l JOIN rights ON rights.id = r AND rights.tenant = lefts.tenant
            WHERE lefts.tenant = tenant.id) AS bottoms,
           (SELECT count(*)::int FROM events WHERE tenant = tenant.id) AS events,
           (SELECT count(*)::int FROM "Sch ema"."we""ird T" WHERE "a.b" = tenant.id) AS weird,
           (SELECT count(*)::int FROM logs WHERE tenant = tenant.id) AS logs
    FROM tenants AS tenant ORDER BY tenant.id`
}

describe.each(majors())('copies with ids of their own, PostgreSQL %i', major => {
  it('stand beside the original and each other, whole', async () => {
    const database = await clone(full, major)
    const file = await exported(['tenants', '1'], database.url)
    const before = await contentsOf(database.sql)
    await imported(file, database.url, ['--new-ids', 'red'])
    await imported(file, database.url, ['--new-ids', 'blue'])
    const [original, other, red, blue] = await tenants(database)
    expect(original).toEqual({
      name: 'one',
      typed: 2,
      others: 2,
      lines: 6,
      children: 3,
      pairs: 1,
      bottoms: 2,
      events: 2,
      weird: 2,
      logs: 3,
    })
    expect([red, blue]).toEqual([original, original])
    expect(other).toMatchObject({ name: 'two' })
    const after = await contentsOf(database.sql)
    for (const [table, rows] of Object.entries(before))
      expect(after[table]).toEqual(expect.arrayContaining(rows))
  })

  it('are the same copy where the salt is the same', async () => {
    const database = await clone(full, major)
    const file = await exported(['tenants', '1', '--exclude', 'logs'], database.url)
    const first = await imported(file, database.url, ['--new-ids', 'red'])
    const before = await contentsOf(database.sql)
    const again = await imported(file, database.url, ['--new-ids', 'red', '--on-conflict', 'skip'])
    expect(first.tables.reduce((sum, { inserted }) => sum + inserted, 0)).toBeGreaterThan(20)
    expect(again.tables.map(({ inserted }) => inserted)).toEqual(again.tables.map(() => 0))
    expect(again.tables.map(({ skipped }) => skipped)).toEqual(again.tables.map(({ read }) => read))
    expect(await contentsOf(database.sql)).toEqual(before)
  })

  it('tell every id that was made, and a salt of our own making', async () => {
    const database = await clone(full, major)
    const file = await exported(['tenants', '1'], database.url)
    const { salt, ids = [] } = await imported(file, database.url, ['--new-ids', '--ids'])
    expect(salt).toMatch(/^[0-9a-f]{12}$/)
    const [tenant] = ids.filter(({ table }) => table === 'public.tenants')
    expect(tenant).toEqual({ table: 'public.tenants', old: '1', new: '3' })
    const node = ids.find(({ table, old }) => table === 'public.nodes' && old === 'z')
    expect(node?.new).toMatch(/^z-[0-9a-f]{12}$/)
    const egg = ids.find(({ table }) => table === 'public.eggs')
    expect(egg?.new).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('leave the database and its sequences alone in a dry run', async () => {
    const database = await clone(full, major)
    const file = await exported(['tenants', '1'], database.url)
    const before = await contentsOf(database.sql)
    const result = await imported(file, database.url, ['--new-ids', 'red', '--dry-run'])
    expect(result).toMatchObject({ dryRun: true, sequences: [] })
    expect(await contentsOf(database.sql)).toEqual(before)
    expect(await database.sql`SELECT last_value::int AS last FROM tenants_id_seq`).toEqual([{ last: 2 }])
    expect(await database.sql`SELECT FROM pg_namespace WHERE nspname = 'drizzle'`).toHaveLength(0)
  })
})

describe('copies', () => {
  it.each(['codegen', 'product-helper', 'draehi', 'platform'] as const)(
    'of %s find new text for what is unique',
    async name => {
      const { database, here } = await migratedGuest(name)
      await fill(database.sql)
      const [user] = await database.sql<{ id: string }[]>`SELECT id::text AS id FROM users ORDER BY 1 LIMIT 1`
      const file = await exported(
        ['users', user?.id ?? '', '--with-secrets', '--cross', 'null'],
        database.url,
        here,
      )
      const first = await imported(file, database.url, ['--new-ids', 'red', '--unique', 'suffix'], here)
      const second = await imported(file, database.url, ['--new-ids', 'blue', '--unique', 'suffix'], here)
      expect(second.tables).toEqual(first.tables)
      expect(await database.sql`SELECT FROM users`).toHaveLength(6)
      const again = await imported(
        file,
        database.url,
        ['--new-ids', 'red', '--unique', 'suffix', '--on-conflict', 'skip'],
        here,
      )
      expect(again.tables.every(({ inserted }) => inserted === 0)).toBe(true)
    },
  )

  it('belong to another owner where one is named', async () => {
    const { database, here } = await migratedGuest('product-helper')
    await fill(database.sql)
    const { sql } = database
    const [other] = await sql<
      { id: string }[]
    >`INSERT INTO users (email) VALUES ('new@example.com') RETURNING id`
    const [project] = await sql<
      { id: string; userId: string }[]
    >`SELECT id, user_id AS "userId" FROM projects LIMIT 1`
    await sql`UPDATE activity_log SET from_user_id = ${project?.userId ?? ''} WHERE project_id = ${project?.id ?? ''}`
    const file = await exported(['projects', project?.id ?? ''], database.url, here)
    const result = await imported(file, database.url, ['--new-ids', 'red', '--owner', other?.id ?? ''], here)
    const users = result.tables.find(({ table }) => table === 'public.users')
    expect(users).toEqual({ table: 'public.users', read: 1, inserted: 0, updated: 0, skipped: 1 })
    expect(await sql`SELECT name FROM projects WHERE user_id = ${other?.id ?? ''}`).toHaveLength(1)
    // who acted in it were the owner, and are now
    const acted =
      await sql`SELECT from_user_id AS id FROM activity_log JOIN projects ON projects.id = project_id WHERE user_id = ${other?.id ?? ''}`
    expect(acted).toEqual([{ id: other?.id }])
  })

  it('take a value for a column', async () => {
    const { database, here } = await migratedGuest('product-helper')
    await fill(database.sql)
    const file = await exported(['users'], database.url, here)
    const target = await migratedGuest('product-helper')
    await imported(
      file,
      target.database.url,
      ['--set', 'projects.name=a copy', '--set', 'projects.status=draft'],
      here,
    )
    expect(await target.database.sql`SELECT DISTINCT name, status FROM projects`).toEqual([
      { name: 'a copy', status: 'draft' },
    ])
    expect(await refusal(file, target.database.url, ['--set', 'projects.nam=x'], here)).toEqual({
      exit: 2,
      code: 'set-invalid',
      message: '--set projects.nam names no column of the archive.',
      hint: 'Write --set table.column=value. Did you mean projects.name?',
    })
  })

  it('keep the time of a uuid of version 7, and its place in an index', async () => {
    const database = await freshDatabase()
    const { sql, url } = database
    await sql`CREATE TABLE things (id uuid PRIMARY KEY)`
    await sql`INSERT INTO things VALUES ('018f4b2e-7c3a-7d2e-9a1b-0c2d3e4f5a6b')`
    const file = await exported(['things'], url)
    await imported(file, url, ['--new-ids', 'red'])
    const rows = await sql`SELECT id FROM things WHERE id::text ~ '^018f4b2e-7c3a-7[0-9a-f]{3}-a'`
    expect(rows).toHaveLength(1)
  })

  it.each([
    [
      '--unique',
      'suffix',
      2,
      'usage',
      '--unique suffix marks copies, and without --new-ids there are none.',
      'Add --new-ids, or leave --unique out.',
    ],
    [
      '--owner',
      '7',
      2,
      'owner-unknown',
      'This database has no row 7 of users to own what is imported.',
      'Look the key up; nothing was imported.',
    ],
  ])('are refused with %s %s', async (flag, value, exit, code, message, hint) => {
    const { database, here } = await migratedGuest('codegen')
    await fill(database.sql)
    const file = await exported(['projects'], database.url, here)
    expect(await refusal(file, database.url, [flag, value], here)).toEqual({ exit, code, message, hint })
  })

  it('meet rows by other keys than an id that nobody can have', async () => {
    const { sql, url } = await freshDatabase()
    await sql`CREATE TABLE things (id uuid PRIMARY KEY, name text CONSTRAINT one_name UNIQUE)`
    await sql`INSERT INTO things VALUES (gen_random_uuid(), 'a'), (gen_random_uuid(), NULL)`
    const file = await exported(['things'], url)
    expect((await refusal(file, url, ['--new-ids'])).message).toMatch(
      /^A row is in this database already:\npublic.things id=[0-9a-f-]{36} \(one_name, line [34]\)$/,
    )
    const result = await imported(file, url, ['--new-ids', '--on-conflict', 'skip'])
    expect(result.tables).toEqual([{ table: 'public.things', read: 2, inserted: 1, updated: 0, skipped: 1 }])
  })

  it('are told apart by each of three keys, of which one alone stays', async () => {
    const [from, to] = await Promise.all([freshDatabase(), freshDatabase()])
    for (const { sql } of [from, to]) {
      await sql.unsafe(`
        CREATE TABLE things (id int PRIMARY KEY, uid uuid UNIQUE, code text UNIQUE, name text UNIQUE,
                             first_id int REFERENCES things (id), second_uid uuid REFERENCES things (uid));
        CREATE TABLE parts (id int PRIMARY KEY, uid uuid NOT NULL REFERENCES things (uid), code text REFERENCES things (code))`)
    }
    const [old, known] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
    await from.sql`INSERT INTO things VALUES (1, ${old}, 'old', 'a')`
    await from.sql`INSERT INTO parts VALUES (1, ${old}, 'old')`
    await to.sql`INSERT INTO things VALUES (1, ${known}, 'known', 'a')`
    const file = await exported(['things', '1'], from.url)
    await imported(file, to.url, ['--new-ids', 'red', '--on-conflict', 'skip'])
    expect(await to.sql`SELECT uid, code FROM parts`).toEqual([{ uid: known, code: 'known' }])
  })

  it('need a type with room for their numbers', async () => {
    const { sql, url } = await freshDatabase()
    await sql`CREATE TABLE things (id smallint PRIMARY KEY)`
    await sql`INSERT INTO things VALUES (1), (32767)`
    const file = await exported(['things', '1'], url)
    expect(await refusal(file, url, ['--new-ids', 'red'])).toEqual({
      exit: 1,
      code: 'ids-spent',
      message: "public.things.id is smallint and has not enough numbers left for the archive's rows.",
      hint: 'Give the column a larger type first.',
    })
  })
})
