import { describe, expect, it } from 'vitest'
import { cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'

const policies = { events: { table: 'events', column: 'at', olderThan: '0s' } }

describe.each(majors())('a dry run on PostgreSQL %i', major => {
  it('shows all that a run would meet', async () => {
    const { database, root } = await cleaning(
      major,
      policies,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz);
       CREATE INDEX events_at ON events (at);
       INSERT INTO events SELECT n, '2020-01-01 12:00Z'::timestamptz + n * interval '1 day' FROM generate_series(1, 400) n;
       INSERT INTO events SELECT n, '2999-01-01' FROM generate_series(401, 2000) n;
       INSERT INTO events VALUES (2001, NULL);
       CREATE TABLE notes (id int, event_id int REFERENCES events ON DELETE SET NULL); CREATE INDEX ON notes (event_id);
       CREATE TABLE parts (id int PRIMARY KEY, event_id int REFERENCES events ON DELETE CASCADE); CREATE INDEX ON parts (event_id);
       CREATE TABLE bits (id int, part_id int REFERENCES parts ON DELETE CASCADE); CREATE INDEX ON bits (part_id);
       ANALYZE events`,
    )
    const dryRun = (...args: string[]) =>
      ops(['cleanup', '--dry-run', '--url', database.url, ...args], { cwd: root })
    const document = documentOf<{ policies: object[] }>(await dryRun('--json'))
    const samples = [2, 3, 4, 5, 6].map((day, index) => [`2020-01-0${day} 12:00:00+00`, String(index + 1)])
    expect(document.policies).toEqual([
      {
        name: 'events',
        table: 'public.events',
        cutoff: expect.stringMatching(/Z$/),
        matched: 400,
        exact: true,
        rows: 2001,
        nulls: 1,
        oldest: '2020-01-02 12:00:00+00',
        newest: '2021-02-04 12:00:00+00',
        samples,
        index: 'events_at',
        cascades: [
          { table: 'public.notes', onDelete: 'SET NULL' },
          { table: 'public.parts', onDelete: 'CASCADE' },
          { table: 'public.bits', onDelete: 'CASCADE' },
        ],
      },
    ])
    expect(
      (await dryRun()).stdout.replace(/before \S+,/, 'before now,'),
    ).toBe(`events: 400 of 2001 rows of public.events
  before now, the oldest 2020-01-02 12:00:00+00, the newest 2021-02-04 12:00:00+00
  1 rows have no value and stay
  found by events_at
  public.notes: ON DELETE SET NULL
  public.parts: ON DELETE CASCADE
  public.bits: ON DELETE CASCADE
${samples.map(key => `  for example ${key.join(', ')}\n`).join('')}`)
  })

  it('asks the planner about a large table, and counts it where that is asked for', async () => {
    const { database, root } = await cleaning(
      major,
      policies,
      `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, CASE WHEN n <= 20000 THEN '2020-01-01' ELSE '2999-01-01' END::timestamptz
       FROM generate_series(1, 100001) n; ANALYZE events`,
    )
    const dryRun = async (...args: string[]) =>
      documentOf<{ policies: { matched: number; newest: string | null }[] }>(
        await ops(['cleanup', '--dry-run', '--json', '--url', database.url, ...args], { cwd: root }),
      ).policies
    const [guess] = await dryRun()
    expect(guess).toMatchObject({
      exact: false,
      rows: 100_001,
      nulls: null,
      oldest: '2020-01-01 00:00:00+00',
      newest: null,
    })
    expect(Math.abs((guess?.matched ?? 0) - 20_000)).toBeLessThan(2000)
    expect(await dryRun('--count', 'exact')).toMatchObject([
      { matched: 20_000, exact: true, rows: 100_001, nulls: 0, newest: '2020-01-01 00:00:00+00' },
    ])
  })
})

it('gives counting up where it takes too long', async () => {
  const { database, root } = await cleaning(
    newestMajor(),
    policies,
    // whoever is not the owner needs 5 ms for each row: 10 s for all of them
    `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
     INSERT INTO events SELECT n, '2020-01-01'::timestamptz + n * interval '1 hour' FROM generate_series(1, 2000) n; ANALYZE events;
     ALTER TABLE events ENABLE ROW LEVEL SECURITY;
     CREATE POLICY slow ON events USING (pg_sleep(0.005) IS NOT NULL)`,
  )
  const role = await freshRole('password')
  await database.sql.unsafe(`GRANT SELECT, DELETE ON events TO ${role.name}`)
  const url = new URL(database.url)
  url.username = role.name
  url.password = role.password
  const shown = await ops(
    ['cleanup', '--dry-run', '--json', '--count', 'exact', '--statement-timeout', '2s', '--url', url.href],
    { cwd: root },
  )
  expect(documentOf(shown)).toMatchObject({ policies: [{ exact: false, rows: 2000, nulls: null }] })
})
