import { describe, expect, it } from 'vitest'
import { byHand } from '../support/by-hand.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { clone, type TestDatabase, template } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { foretell } from './foretell.ts'

const tables = template('types', async ({ sql }) => {
  await sql.unsafe(`
    CREATE TYPE mood AS ENUM ('sad');
    CREATE DOMAIN loose AS int;
    CREATE DOMAIN strict AS int CHECK (VALUE > 0);
    CREATE DOMAIN short AS varchar(10);
    CREATE TABLE t (
      v10 varchar(10), v varchar, t text, c5 char(5), bp bpchar, i int, s smallint, b bigint, o oid, n numeric,
      n10 numeric(10,2), ts timestamp, ts3 timestamp(3), tz timestamptz, tz3 timestamptz(3), tm time, tm3 time(3),
      d date, iv interval, iv3 interval(3), b3 bit(3), vb3 varbit(3), vb varbit, j json, jb jsonb, ip inet, cd cidr,
      va varchar(10)[], ta text[], m mood, lo loose, sh short, u uuid, x xml, fl float4, bo boolean
    )`)
})

/** Column and type, with or without what makes the new value. */
const changes = [
  'v10 varchar(20)',
  'v10 varchar(10)',
  'v10 varchar(5)',
  'v10 varchar',
  'v10 text',
  'v10 char(10)',
  'v10 varchar(20) USING v10::varchar(20)',
  'v10 varchar(20) USING upper(v10)',
  'v10 varchar(20) USING v10::varchar(5)',
  'v varchar(10)',
  'v text',
  't varchar',
  't varchar(10)',
  't text',
  't text COLLATE "C"',
  't text USING t',
  "t text USING t || ''",
  't char(3)',
  't bpchar',
  't xml USING t::xml',
  'c5 char(9)',
  'c5 bpchar',
  'c5 text',
  'c5 varchar(5)',
  'bp text',
  'i bigint',
  'i smallint',
  'i oid',
  'i text',
  'i loose',
  'i strict',
  'i int',
  'i bigint USING i::bigint',
  's int',
  'o int',
  'o bigint',
  'n numeric(10,2)',
  'n10 numeric(12,2)',
  'n10 numeric(12,3)',
  'n10 numeric(9,2)',
  'n10 numeric',
  'n10 decimal(10,2)',
  'ts timestamptz',
  'ts timestamptz(6)',
  "ts timestamptz USING ts AT TIME ZONE 'UTC'",
  'ts timestamp(3)',
  'ts timestamp(6)',
  'ts date',
  'ts3 timestamp(6)',
  'ts3 timestamp(2)',
  'ts3 timestamp',
  'ts3 timestamptz(3)',
  'tz timestamp',
  'tz timestamptz(6)',
  'tz3 timestamptz',
  'tz3 timestamptz(5)',
  'tm time(6)',
  'tm3 time',
  'tm3 time(1)',
  'd timestamp',
  'iv interval(3)',
  'iv3 interval',
  'b3 bit(4) USING b3::bit(4)',
  'vb3 varbit(5)',
  'vb3 varbit',
  'vb varbit(9)',
  'j jsonb',
  'jb json',
  'j text',
  'cd inet',
  'ip cidr',
  'ip text',
  'va varchar(20)[]',
  'va varchar(10)[]',
  'va text[]',
  'ta varchar[]',
  'm text',
  'm mood USING m::text::mood',
  'lo int',
  'lo bigint',
  'sh varchar(10)',
  'sh varchar(20)',
  'sh text',
  'u text',
  'x text',
  'fl float8',
  'bo int USING bo::int',
]

const statements = changes.map(change => {
  const [column, ...rest] = change.split(' ')
  return `ALTER TABLE t ALTER COLUMN ${column} TYPE ${rest.join(' ')}`
})

async function rewritten(database: TestDatabase, changed: readonly string[], zone: string) {
  const sql = connect(database.url, 1)
  afterTest(() => sql.end())
  await sql`SELECT set_config('TimeZone', ${zone}, false)`
  const found = new Map<string, readonly string[]>()
  for (const statement of changed) found.set(statement, (await byHand(sql, statement)).rewrites)
  return found
}

async function foretold(database: TestDatabase, changed: readonly string[], utc: boolean) {
  const effects = await foretell(database, changed, utc)
  return new Map([...effects].map(([statement, { rewrites }]) => [statement, rewrites]))
}

describe.each(majors())('on PostgreSQL %i', major => {
  it('knows which type changes rewrite the table', async () => {
    const database = await clone(tables, major)
    expect(await foretold(database, statements, true)).toEqual(await rewritten(database, statements, 'UTC'))
  })

  it('knows what a time zone makes of them', async () => {
    const database = await clone(tables, major)
    const zoned = statements.filter(statement => /COLUMN t[sz]/.test(statement))
    expect(zoned).toHaveLength(14)
    expect(await foretold(database, zoned, false)).toEqual(await rewritten(database, zoned, 'Europe/Berlin'))
  })
})
