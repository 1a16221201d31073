import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { documentOf, ops } from '../support/program.ts'
import { startServer, type TestServer } from '../support/servers.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'
import { startStandby } from '../support/standby.ts'
import { databaseOn, only, quietServer, reportOf, rowsOf } from '../support/stats.ts'

// what well-known tools get wrong, one case each
describe.each(majors())('PostgreSQL %i', major => {
  let server: TestServer

  beforeAll(async () => {
    server = await quietServer(major)
    const admin = await databaseOn(server)
    await admin.sql.unsafe('CREATE ROLE plain LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor').simple()
  })

  it('shows the whole queue behind an idle reader, whom other reports on blocking do not find', async () => {
    const known = await databaseOn(server, 'CREATE TABLE t (id int)')
    const [reader, altering, waiting] = [known.session(), known.session(), known.session()]
    await reader.unsafe("SET application_name = 'reader'; BEGIN; SELECT FROM t").simple()
    const alter = altering
      .unsafe("SET application_name = 'alter'; ALTER TABLE t ADD COLUMN b int")
      .simple()
      .catch(() => {})
    await waiters(known.url, 2)
    const read = waiting
      .unsafe("SET application_name = 'queue'; SELECT FROM t")
      .simple()
      .catch(() => {})
    await waiters(known.url, 3)
    const { rows, notes } = await reportOf(known.url, 'blocking')
    const pids = rows.map(({ pid }) => pid)
    const keys = ['depth', 'application', 'state', 'blocks', 'blockedBy', 'relation', 'mode'] as const
    expect(only(rows, ...keys)).toEqual([
      {
        depth: 0,
        application: 'reader',
        state: 'idle in transaction',
        blocks: 2,
        blockedBy: [],
        relation: null,
        mode: null,
      },
      {
        depth: 1,
        application: 'alter',
        state: 'active',
        blocks: 1,
        blockedBy: [pids[0]],
        relation: 'public.t',
        mode: 'AccessExclusiveLock',
      },
      {
        depth: 2,
        application: 'queue',
        state: 'active',
        blocks: 0,
        blockedBy: [pids[1]],
        relation: 'public.t',
        mode: 'AccessShareLock',
      },
    ])
    expect(rows[1]?.waitMs).toEqual(expect.any(Number))
    expect(notes).toEqual([
      {
        message: `2 sessions wait for ${pids[0]} (reader, idle in transaction).`,
        fix: `drizzle-ops cancel ${pids[0]} --terminate`,
      },
    ])
    // without a right in the world the chain is the same; only who they are is hidden, and that is said
    const plain = await reportOf(known.as('plain'), 'blocking')
    expect(only(plain.rows, 'depth', 'pid', 'blocks')).toEqual(only(rows, 'depth', 'pid', 'blocks'))
    expect(plain.rows.map(({ query }) => query)).toEqual([null, null, null])
    expect(plain.notes.at(-1)).toEqual({
      message: '3 sessions of other roles are hidden from plain.',
      fix: 'GRANT pg_monitor TO "plain";',
    })
    await reader.end()
    await Promise.all([alter, read])
  })

  it('calls no index redundant beside an invalid one, or beside one in another order', async () => {
    const known = await databaseOn(
      server,
      `CREATE TABLE t (title text, a int, b int, other text COLLATE "C");
       CREATE INDEX valid ON t (title); CREATE INDEX turned ON t (title DESC); CREATE INDEX invalid ON t (title, a);
       CREATE INDEX longer ON t (a, b); CREATE INDEX shorter ON t (a); CREATE INDEX partly ON t (a) WHERE b > 0;
       CREATE INDEX partly_again ON t (a, b)      WHERE b > 0; CREATE INDEX hashed ON t USING hash (a);
       CREATE INDEX pattern ON t (title text_pattern_ops); CREATE INDEX including ON t (b) INCLUDE (a); CREATE INDEX b ON t (b);
       ALTER TABLE t ADD CONSTRAINT t_b_key UNIQUE (b); CREATE UNIQUE INDEX b_again ON t (b);
       UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invalid'::regclass`,
    )
    const rows = only(
      await rowsOf(known.url, 'redundant-indexes', '--sort', 'index'),
      'index',
      'coveredBy',
      'exact',
    )
    expect(rows).toEqual([
      { index: 'b', coveredBy: 't_b_key', exact: true },
      { index: 'b_again', coveredBy: 't_b_key', exact: true },
      { index: 'partly', coveredBy: 'partly_again', exact: false },
      { index: 'shorter', coveredBy: 'longer', exact: false },
    ])
  })

  it('knows which foreign keys an index serves: in any order, valid, and holding every key', async () => {
    const known = await databaseOn(
      server,
      `CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE single (id int PRIMARY KEY);
       CREATE TABLE reversed (x int, y int, z int, FOREIGN KEY (x, y) REFERENCES p); CREATE INDEX ON reversed (y, x, z);
       CREATE TABLE apart (x int, y int, FOREIGN KEY (x, y) REFERENCES p); CREATE INDEX ON apart (x); CREATE INDEX ON apart (y);
       CREATE TABLE invalid (x int REFERENCES single); CREATE INDEX broken ON invalid (x);
       CREATE TABLE partial (x int REFERENCES single, gone bool); CREATE INDEX ON partial (x) WHERE NOT gone;
       CREATE TABLE not_null (x int REFERENCES single); CREATE INDEX ON not_null (x) WHERE x IS NOT NULL;
       CREATE TABLE other_null (x int REFERENCES single, y int); CREATE INDEX ON other_null (x) WHERE y IS NOT NULL;
       CREATE TABLE included (x int REFERENCES single, y int); CREATE INDEX ON included (y) INCLUDE (x);
       CREATE TABLE brin (x int REFERENCES single); CREATE INDEX ON brin USING brin (x);
       ${major >= 18 ? 'CREATE TABLE unenforced (x int REFERENCES single NOT ENFORCED);' : ''}
       UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass`,
    )
    const rows = await rowsOf(known.url, 'fk-indexes', '--sort', 'table')
    expect(rows.map(({ table }) => table)).toEqual([
      'apart',
      'brin',
      'included',
      'invalid',
      'other_null',
      'partial',
    ])
  })

  it('tells pg_monitor that it does not see sequences, rather than that they are fine', async () => {
    const known = await databaseOn(
      server,
      `CREATE TABLE t (id serial PRIMARY KEY); SELECT setval('t_id_seq', 2000000000); INSERT INTO t VALUES (2000000001)`,
    )
    const superuser = await reportOf(known.url, 'sequences')
    expect(only(superuser.rows, 'last', 'behind', 'setval')).toEqual([
      { last: 2_000_000_000, behind: true, setval: `SELECT setval('"public"."t_id_seq"', 2000000001);` },
    ])
    const monitor = await reportOf(known.as('monitor'), 'sequences')
    expect(only(monitor.rows, 'sequence', 'last', 'usedRatio', 'behind', 'readable')).toEqual([
      { sequence: 't_id_seq', last: null, usedRatio: null, behind: null, readable: false },
    ])
    expect(monitor.notes).toEqual([
      {
        message: '1 of 1 sequences cannot be read by monitor.',
        fix: 'GRANT USAGE ON SCHEMA "public" TO "monitor"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA "public" TO "monitor";',
      },
    ])
    await known.sql.unsafe('ALTER SEQUENCE t_id_seq RESTART WITH 5').simple()
    // restarted and not called yet: pg_sequences has nothing to say
    expect(only(await rowsOf(known.url, 'sequences'), 'last', 'behind')).toEqual([
      { last: null, behind: true },
    ])
  })

  it('counts clients only, whatever it may see of them', async () => {
    const known = await databaseOn(server)
    await Promise.all([known.sql`SELECT 1`, known.session()`SELECT 1`])
    const count = (rows: Record<string, unknown>[]) =>
      rows
        .filter(({ database }) => database === known.name)
        .reduce((sum, { sessions }) => sum + Number(sessions), 0)
    // two of the test's and the one that asks
    expect(count(await rowsOf(known.url, 'connections'))).toBe(3)
    const plain = await reportOf(known.as('plain'), 'connections')
    expect(count(plain.rows)).toBe(3)
    expect(plain.notes.at(-1)?.fix).toBe('GRANT pg_monitor TO "plain";')
  })

  it('tells what is not enforced from what is not valid', async () => {
    const unenforced = major >= 18 ? ', CONSTRAINT loose CHECK (b > 0) NOT ENFORCED' : ''
    const known = await databaseOn(
      server,
      `CREATE TABLE t (a int PRIMARY KEY, b bigint${unenforced}); ALTER TABLE t ADD CONSTRAINT late CHECK (a > 0) NOT VALID;
       ALTER TABLE t ADD CONSTRAINT wide FOREIGN KEY (b) REFERENCES t`,
    )
    expect(only(await rowsOf(known.url, 'constraints'), 'issue', 'constraint', 'detail')).toEqual([
      ...(major >= 18 ? [{ issue: 'not enforced', constraint: 'loose', detail: 'check' }] : []),
      { issue: 'not valid', constraint: 'late', detail: 'check' },
      { issue: 'types differ', constraint: 'wide', detail: 'b bigint references a integer' },
    ])
  })

  it('takes relations of one name in two schemas for two', async () => {
    const table = (schema: string, rows: number) =>
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.t (id int PRIMARY KEY); INSERT INTO ${schema}.t SELECT generate_series(1, ${rows}); ANALYZE ${schema}.t;`
    const known = await databaseOn(server, `${table('one', 1)} ${table('two', 2000)}`)
    expect(only(await rowsOf(known.url, 'tables'), 'schema', 'rows')).toEqual([
      { schema: 'two', rows: 2000 },
      { schema: 'one', rows: 1 },
    ])
    const bytes = (await rowsOf(known.url, 'indexes')).map(row => [row.schema, row.bytes])
    expect(bytes).toEqual([
      ['two', 65_536],
      ['one', 16_384],
    ])
  })

  it('ranks sequential scans by the rows they read, not by their number', async () => {
    const known = await databaseOn(
      server,
      `CREATE TABLE small (id int); INSERT INTO small VALUES (1); CREATE TABLE large (id int); INSERT INTO large SELECT generate_series(1, 5000)`,
    )
    const reading = known.session()
    for (let n = 0; n < 20; n += 1) await reading`SELECT FROM small`
    await reading`SELECT FROM large`
    await reading.end()
    await known.sql.end()
    await expect
      .poll(async () => only(await rowsOf(known.url, 'seq-scans'), 'table', 'seqScans', 'seqRowsRead'))
      .toEqual([
        { table: 'large', seqScans: 1, seqRowsRead: 5000 },
        { table: 'small', seqScans: 20, seqRowsRead: 20 },
      ])
  })

  it('fails where it is asked for what it does not know', async () => {
    const known = await databaseOn(server)
    const { code, stdout } = await ops(['stats', 'table-record-counts', '--json', '--url', known.url])
    expect(code).toBe(2)
    expect(documentOf<{ error: object }>({ stdout }).error).toMatchObject({
      code: 'usage',
      message: 'There is no report table-record-counts.',
    })
  })

  it('knows that counters survive a clean restart, and when they were reset', async () => {
    const own = await startServer({ major, settings: { autovacuum: false } })
    afterTest(() => own.stop('immediate'))
    const before = await reportOf(own.url(), 'index-usage')
    await sleep(1100)
    await own.restart()
    expect((await reportOf(own.url(), 'index-usage')).since).toBe(before.since)
    const known = await databaseOn(own)
    await known.sql`SELECT pg_stat_reset()`
    await expect
      .poll(async () => Date.parse((await reportOf(known.url, 'index-usage')).since ?? ''))
      .toBeGreaterThan(Date.parse(before.since ?? ''))
  })

  it('does not take TOAST for bloat', async () => {
    const known = await databaseOn(
      server,
      `CREATE EXTENSION pgstattuple;
       CREATE TABLE dense (id int, word text); INSERT INTO dense SELECT i, 'word' FROM generate_series(1, 20000) AS i;
       CREATE TABLE toasted (id int, body text); ALTER TABLE toasted ALTER body SET STORAGE external;
       INSERT INTO toasted SELECT i, repeat(md5(i::text), 100) FROM generate_series(1, 500) AS i;
       CREATE TABLE bloated (id int, word text); INSERT INTO bloated SELECT i, 'word' FROM generate_series(1, 20000) AS i;
       DELETE FROM bloated WHERE id % 10 < 6; ANALYZE dense, toasted, bloated`,
    )
    await known.sql.end()
    await expect
      .poll(async () => only(await rowsOf(known.url, 'bloat', '--table', 'toasted'), 'reliable'))
      .toEqual([{ reliable: false }])
    const rows = await rowsOf(known.url, 'bloat')
    const of = (name: string) => rows.find(({ table }) => table === name) as Record<string, number>
    expect(of('toasted').reliable).toBe(false)
    expect(of('dense')).toMatchObject({ reliable: true })
    expect(of('dense').bloatRatio).toBeLessThan(0.1)
    expect(of('bloated').bloatRatio).toBeGreaterThan(0.5)
    const exact = await rowsOf(known.url, 'bloat', '--exact')
    expect(exact.find(({ table }) => table === 'dense')?.bloatRatio).toBeLessThan(0.1)
    expect(exact.find(({ table }) => table === 'bloated')?.bloatRatio).toBeGreaterThan(0.45)
    const { rows: hidden, notes } = await reportOf(known.as('plain'), 'bloat')
    expect(hidden.map(({ bloatBytes, reliable }) => [bloatBytes, reliable])).toEqual([
      [null, false],
      [null, false],
      [null, false],
    ])
    expect(notes).toEqual([
      {
        message: 'Of 3 of 3 tables no statistics are to be seen.',
        fix: 'GRANT pg_read_all_data TO "plain";',
      },
    ])
  })
})

it('knows no lag on a standby whose primary is gone', async () => {
  const standby = await startStandby(async server => {
    const sql = connect(server.url(), 1)
    await sql`CREATE ROLE plain LOGIN`
    await sql`CREATE ROLE monitor LOGIN IN ROLE pg_monitor`
    await sql`CREATE TABLE t (id serial PRIMARY KEY)`
    await sql.end()
  })
  expect(await rowsOf(standby.url(), 'replication')).toEqual([
    {
      kind: 'receiver',
      name: 'primary',
      state: 'not running',
      sync: null,
      lagBytes: null,
      lagMs: null,
      walStatus: null,
      active: false,
      inactiveSince: null,
      note: null,
    },
  ])
  const { reports } = documentOf<{ reports: { name: string }[] }>(await ops(['stats', 'list', '--json']))
  for (const role of ['postgres', 'monitor', 'plain'])
    for (const { name } of reports)
      expect((await reportOf(standby.url('postgres', role), name)).report, `${name} of ${role}`).toBe(name)
  expect(newestMajor()).toBeGreaterThan(13)
})

async function waiters(url: string, count: number): Promise<void> {
  await expect.poll(async () => (await rowsOf(url, 'blocking')).length, { timeout: 10_000 }).toBe(count)
}
