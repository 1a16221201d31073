import { describe, expect, it } from 'vitest'
import { clone, type Template, template } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { contentsOf } from './contents.ts'
import { exported, imported, rowsOf } from './moving.ts'
import { TORTURE_ROWS, TORTURE_SCHEMA } from './torture.ts'

const empty: Template = template('torture', async ({ sql }) => {
  await sql.unsafe(TORTURE_SCHEMA)
})
const full: Template = template('torture_full', async ({ sql }) => {
  await sql.unsafe(TORTURE_SCHEMA)
  await sql.unsafe(TORTURE_ROWS)
})

const ways = [
  ...majors().map(major => [major, major] as const),
  ...majors().flatMap(from =>
    majors()
      .filter(to => to > from)
      .map(to => [from, to] as const),
  ),
]

describe.each(ways)('the torture schema, from PostgreSQL %i to %i', (from, to) => {
  it('comes into an empty database as it was', async () => {
    const source = await clone(full, from)
    const target = await clone(empty, to)
    const file = await exported(['tenants'], source.url)
    const result = await imported(file, target.url)
    expect(result.verified).toBe('values')
    expect(result.tables.every(({ read, inserted }) => read === inserted)).toBe(true)
    expect(result.tables.map(({ table }) => table).sort()).toMatchInlineSnapshot(`
      [
        ""Sch ema"."we""ird T"",
        "other.tenants",
        "public.bottoms",
        "public.eggs",
        "public.events",
        "public.hens",
        "public.lefts",
        "public.lines",
        "public.logs",
        "public.nodes",
        "public.orders",
        "public.rights",
        "public.tenants",
        "public.typed",
      ]
    `)
    expect(await contentsOf(target.sql)).toEqual(await contentsOf(source.sql))
    expect(rowsOf(await exported(['tenants'], target.url))).toBe(rowsOf(file))
  })

  it('goes on with numbers beyond those that came in', async () => {
    const source = await clone(full, from)
    const target = await clone(empty, to)
    await imported(await exported(['tenants'], source.url), target.url)
    const [tenant] = await target.sql`INSERT INTO tenants (name) VALUES ('three') RETURNING id`
    expect(tenant?.id).toBe(3)
    const [typed] = await target.sql`INSERT INTO typed (tenant) VALUES (3) RETURNING id::int`
    expect(typed?.id).toBe(12)
  })

  it('comes as one tenant alone', async () => {
    const source = await clone(full, from)
    const target = await clone(empty, to)
    const file = await exported(['tenants', '1'], source.url)
    await imported(file, target.url)
    expect(await target.sql`SELECT id FROM tenants`).toEqual([{ id: 1 }])
    const [theirs, ours] = [await contentsOf(source.sql), await contentsOf(target.sql)]
    for (const [table, rows] of Object.entries(ours))
      expect(theirs[table]).toEqual(expect.arrayContaining(rows))
    expect(rowsOf(await exported(['tenants', '1'], target.url))).toBe(rowsOf(file))
  })
})
