import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'

const events = { events: { table: 'events', column: 'at', olderThan: '1d' } }
/** `TIES=1000000` for the whole of it. */
const ties = Number(process.env.TIES ?? 20_000)

const countOf = async ({ sql }: { sql: import('postgres').Sql }) =>
  (await sql<{ rows: number }[]>`SELECT count(*)::int AS rows FROM events`)[0]?.rows

describe.each(majors())('on PostgreSQL %i', major => {
  it.each([
    ['a composite key', 'a int, b text, at timestamptz, PRIMARY KEY (b, a)', "n % 7, 'k' || n, "],
    [
      'a key of text in a collation of its own',
      'id text COLLATE "C" PRIMARY KEY, at timestamptz',
      'chr(65 + n % 57) || n, ',
    ],
    ['a uuid', 'id uuid PRIMARY KEY, at timestamptz', 'gen_random_uuid(), '],
    ['no key at all', 'n int, at timestamptz', 'n, '],
    ['names that need quoting', '"Order" int, "the ""key""" int PRIMARY KEY, at timestamptz', 'n, n, '],
    ['a date', 'id int PRIMARY KEY, at date', 'n, '],
  ])('walks a table with %s', async (_, columns, values) => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (${columns}); CREATE INDEX ON events (at);
       INSERT INTO events SELECT ${values} now() + (n % 5 - 2) * interval '3 days' FROM generate_series(1, 500) n`,
    )
    expect((await cleaned('--batch-size', '7')).policies).toMatchObject([{ matched: 200, deleted: 200 }])
    expect(await countOf(database)).toBe(300)
  })

  it.each(['timestamptz', 'timestamp'])('tells rows of one millisecond apart: %s', async type => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at ${type}); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, timestamptz '2020-01-01' + n * interval '3 microseconds' FROM generate_series(1, 900) n`,
    )
    expect((await cleaned('--batch-size', '7', '--allow', 'large')).policies).toMatchObject([
      { matched: 900, deleted: 900, batches: 129, skippedLocked: 0 },
    ])
    expect(await countOf(database)).toBe(0)
  })

  it(`walks ${ties} rows of one instant`, { timeout: 300_000 }, async () => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, ${ties}) n;
       INSERT INTO events SELECT -n, now() FROM generate_series(1, ${ties}) n; ANALYZE events`,
    )
    const { policies } = await cleaned('--allow', 'large', '--batch-size', String(ties / 20))
    expect(policies).toMatchObject([{ deleted: ties, stoppedBy: null }])
    expect(await countOf(database)).toBe(ties)
    if (process.env.TIES)
      console.log(`${ties} ties: the longest batch took ${policies[0]?.longestBatchMs} ms`)
  })

  it('tells of rows that a trigger keeps', async () => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, now() + (n % 3 - 1) * interval '2 days' FROM generate_series(1, 90) n;
       CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER keep BEFORE DELETE ON events FOR EACH ROW WHEN (old.id % 2 = 0) EXECUTE FUNCTION keep()`,
    )
    expect((await cleaned('--batch-size', '20')).policies).toMatchObject([
      { matched: 30, deleted: 15, skippedLocked: 15, stoppedBy: null },
    ])
    expect(await countOf(database)).toBe(75)
  })

  it('walks a table that only an index without an order leads through', async () => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events USING brin (at);
       INSERT INTO events SELECT n, now() + (n % 3 - 1) * interval '2 days' FROM generate_series(1, 90) n`,
    )
    expect((await cleaned('--batch-size', '20')).policies).toMatchObject([{ matched: 30, deleted: 30 }])
    expect(await countOf(database)).toBe(60)
  })

  it('spares rows that were renewed while they were locked', async () => {
    const { database, cleaned } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, now() + (n % 3 - 1) * interval '2 days' FROM generate_series(1, 9) n`,
    )
    const other = await database.sql.reserve()
    await other`BEGIN`
    await other`UPDATE events SET at = now() WHERE id = 3`
    const running = cleaned('--batch-size', '1', '--sleep', '300ms')
    await expect.poll(() => countOf(database)).toBeLessThan(9)
    await other`COMMIT`
    other.release()
    expect((await running).policies).toMatchObject([{ deleted: 2 }])
    expect(await database.sql`SELECT id FROM events WHERE id = 3`).toHaveLength(1)
  })

  it('refuses for a table that has never been analysed, too, what would take most of it', async () => {
    const { cleanup } = await cleaning(
      major,
      events,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz, filler text) WITH (autovacuum_enabled = off); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, '2020-01-01', repeat('x', 1000) FROM generate_series(1, 12000) n`,
    )
    expect(await cleanup()).toMatchObject({ code: 1, stderr: expect.stringContaining('[large]') })
  })
})

it('looks again for rows of one instant where the look was cancelled', async () => {
  const { database, root } = await cleaning(
    newestMajor(),
    events,
    `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
     INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 200) n;
     CREATE SEQUENCE looks; GRANT USAGE ON SEQUENCE looks TO public;
     CREATE FUNCTION visible() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
       IF current_query() LIKE '%array_agg(candidate%' THEN
         IF nextval('looks') = 1 THEN RAISE 'canceling statement' USING ERRCODE = '57014'; END IF;
       END IF;
       RETURN true;
     END $$;
     ALTER TABLE events ENABLE ROW LEVEL SECURITY; CREATE POLICY once ON events USING (visible())`,
  )
  const role = await freshRole('password')
  await database.sql.unsafe(`GRANT SELECT, DELETE ON events TO ${role.name}`)
  const url = new URL(database.url)
  url.username = role.name
  url.password = role.password
  const args = ['cleanup', '--yes', '--json', '--allow', 'large', '--batch-size', '20', '--url', url.href]
  expect(documentOf(await ops(args, { cwd: root }))).toMatchObject({
    policies: [{ deleted: 200, stoppedBy: null }],
  })
  const [looks] = await database.sql<{ calls: number }[]>`SELECT last_value::int AS calls FROM looks`
  expect(looks?.calls).toBeGreaterThan(1)
})

it('does not look ahead for orphans, which their key finds', async () => {
  const { database, root } = await cleaning(
    newestMajor(),
    { parts: { table: 'parts', column: 'order_id', references: { table: 'orders', column: 'id' } } },
    `CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1);
     CREATE TABLE parts (shop int, id int, order_id int, PRIMARY KEY (shop, id));
     INSERT INTO parts SELECT 1, n, n % 2 + 1 FROM generate_series(1, 100) n`,
  )
  const args = ['cleanup', '--yes', '--json', '--verbose', '--batch-size', '7', '--url', database.url]
  const { stdout, stderr } = await ops(args, { cwd: root })
  expect(JSON.parse(stdout)).toMatchObject({ policies: [{ deleted: 50, batches: 8 }] })
  expect(stderr).toContain('WITH candidates')
  expect(stderr).not.toContain('array_agg(candidate')
})

const HUNDRED = `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
  INSERT INTO events SELECT n, now() + (n - 40) * interval '1 hour' - interval '1 day' - interval '1 minute' FROM generate_series(1, 100) n`

it('stops when its time is up, and sleeps between batches', async () => {
  const { database, cleaned } = await cleaning(newestMajor(), events, HUNDRED)
  const { policies } = await cleaned('--batch-size', '1', '--sleep', '50ms', '--max-time', '300ms')
  expect(policies).toMatchObject([{ stoppedBy: 'max-time' }])
  expect(policies[0]?.batches).toBeLessThan(8)
  expect(await countOf(database)).toBe(100 - (policies[0]?.deleted ?? 0))
  expect((await cleaned()).policies).toMatchObject([
    { resumed: true, deleted: 40 - (policies[0]?.deleted ?? 0) },
  ])
})

it('keeps the rows of several policies in one archive', async () => {
  const { root, cleaned } = await cleaning(
    newestMajor(),
    { ...events, notes: { table: 'notes', column: 'at', olderThan: '0s' } },
    `${HUNDRED}; CREATE TABLE notes (id int PRIMARY KEY, at timestamptz);
     INSERT INTO notes SELECT n, now() + (n - 2) * interval '1 hour' - interval '1 minute' FROM generate_series(1, 5) n`,
  )
  const file = `${root}/gone.ndjson`
  expect((await cleaned('--archive', file)).policies).toMatchObject([{ deleted: 40 }, { deleted: 2 }])

  const tables = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { t: string }).t)
  expect(tables).toEqual([...Array(40).fill('public.events'), ...Array(2).fill('public.notes')])
})

it('leaves the VACUUM out where it is told to', async () => {
  const { cleaned } = await cleaning(newestMajor(), events, HUNDRED)
  expect((await cleaned('--no-vacuum')).policies).toMatchObject([{ deleted: 40, vacuum: 'left-out' }])
})

it('says in a dry run which rows have no value', async () => {
  const { database, root } = await cleaning(
    newestMajor(),
    events,
    `${HUNDRED}; INSERT INTO events VALUES (101, NULL)`,
  )
  const shown = await ops(['cleanup', '--dry-run', '--json', '--url', database.url], { cwd: root })
  expect(documentOf(shown)).toMatchObject({ policies: [{ matched: 40, nulls: 1, rows: 101 }] })
})
