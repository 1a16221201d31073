import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import { databaseOn, type KnownDatabase, only, quietServer, reportOf, rowsOf } from '../support/stats.ts'

const KNOWN = `
  CREATE EXTENSION pg_stat_statements;
  CREATE SCHEMA app; CREATE SCHEMA audit;
  CREATE TABLE app.users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, bio text);
  CREATE INDEX users_bio ON app.users (lower(bio)) INCLUDE (email) WHERE bio IS NOT NULL;
  CREATE TABLE app.posts (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int REFERENCES app.users ON DELETE CASCADE, body text, UNIQUE (id, user_id)) WITH (fillfactor = 80);
  CREATE INDEX posts_body ON app.posts (body); CREATE INDEX posts_body_again ON app.posts (body);
  CREATE TABLE app.events (at int PRIMARY KEY) PARTITION BY RANGE (at);
  CREATE TABLE app.events_1 PARTITION OF app.events FOR VALUES FROM (0) TO (10);
  CREATE TABLE app.events_2 PARTITION OF app.events FOR VALUES FROM (10) TO (20);
  CREATE TABLE audit.log (line text);
  INSERT INTO app.users (email, bio) SELECT 'u' || i, repeat(md5(i::text), 200) FROM generate_series(1, 1000) AS i;
  INSERT INTO app.posts (user_id, body) SELECT i, 'post' FROM generate_series(1, 300) AS i;
  INSERT INTO app.events SELECT generate_series(0, 19);
  UPDATE app.posts SET body = 'edited' WHERE id <= 40;
  DELETE FROM app.posts WHERE id > 200`

/** Reports that add up since some moment. */
const COUNTING = [
  'overview',
  'tables',
  'index-usage',
  'seq-scans',
  'hot-updates',
  'traffic',
  'cache-hit',
  'indexes',
  'unused-indexes',
  'top-queries',
  'query-io',
  'wal-io',
]
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

describe.each(majors())('PostgreSQL %i', major => {
  let server: TestServer
  let known: KnownDatabase

  beforeAll(async () => {
    server = await quietServer(major)
    known = await databaseOn(server, KNOWN)
    // counters arrive when their session ends
    await known.sql.end()
    const reading = known.session()
    await reading`ANALYZE app.users, app.posts, app.events`
    await reading`SELECT count(*) FROM app.posts`
    await reading`SELECT count(*) FROM app.posts`
    await reading.unsafe("SET enable_seqscan = off; SELECT * FROM app.users WHERE email = 'u7'").simple()
    await reading.end()
    for (let looks = 0; looks < 50; looks += 1) {
      const [posts] = await rowsOf(known.url, 'tables', '--table', 'posts')
      if (posts?.deletes === 100 && posts.seqScans === 6) break
      await sleep(100)
    }
  })

  it('tells how large tables are and how they are used', async () => {
    const sql = known.session()
    const { rows, since, total } = await reportOf(known.url, 'tables')
    const [posts] = await sql`
      SELECT pg_total_relation_size('app.posts')::int AS total, pg_relation_size('app.posts')::int AS main,
             pg_table_size('app.posts')::int - pg_total_relation_size(reltoastrelid)::int AS heap,
             pg_total_relation_size(reltoastrelid)::int AS toast, pg_indexes_size('app.posts')::int AS indexes
      FROM pg_class WHERE oid = 'app.posts'::regclass`
    expect(rows.find(({ table }) => table === 'posts')).toEqual({
      schema: 'app',
      table: 'posts',
      totalBytes: posts?.total,
      heapBytes: posts?.heap,
      toastBytes: posts?.toast,
      indexBytes: posts?.indexes,
      rows: 200,
      deadRows: 140,
      deadRatio: 140 / 340,
      rowBytes: posts?.main / 200,
      // two of ours, and one for each index that was built
      seqScans: 6,
      seqRowsRead: 400,
      indexScans: expect.any(Number),
      indexRowsRead: expect.any(Number),
      inserts: 300,
      updates: 40,
      deletes: 100,
      hotUpdates: 0,
      newPageUpdates: major >= 16 ? expect.any(Number) : null,
      fillfactor: 80,
      lastVacuum: null,
      lastAnalyze: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      partitions: 0,
      approximate: false,
    })
    expect(since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(total).toBe(4)
  })

  it('counts partitions for their table, and by themselves with --partitions', async () => {
    const keys = ['schema', 'table', 'rows', 'inserts', 'partitions']
    expect(only(await rowsOf(known.url, 'tables', '--table', 'events*'), ...keys)).toEqual([
      { schema: 'app', table: 'events', rows: 20, inserts: 20, partitions: 2 },
    ])
    const parts = await rowsOf(known.url, 'tables', '--table', 'events*', '--partitions', '--sort', 'table')
    expect(only(parts, ...keys)).toEqual([
      { schema: 'app', table: 'events_1', rows: 10, inserts: 10, partitions: 0 },
      { schema: 'app', table: 'events_2', rows: 10, inserts: 10, partitions: 0 },
    ])
    const [index] = await rowsOf(known.url, 'indexes', '--table', 'events')
    expect(index).toMatchObject({ index: 'events_pkey', partitions: 2, primary: true, bytes: 4 * 8192 })
  })

  it('says of every report that counts since when it does', async () => {
    const counting = CATALOGUE.filter(
      ({ counters, settlesAfter }) => (counters ?? settlesAfter) !== undefined,
    )
    expect(counting.map(({ name }) => name)).toEqual(COUNTING)
    const young = await databaseOn(server, 'CREATE EXTENSION pg_stat_statements; SELECT pg_stat_reset()')
    for (const { name, settlesAfter = 0 } of counting) {
      const { since, notes, rows } = await reportOf(young.url, name)
      if (name === 'wal-io') for (const row of rows) expect(row.since, name).toMatch(INSTANT)
      else expect(since, name).toMatch(INSTANT)
      expect(
        notes.filter(({ message }) => message.includes('too young to judge by')),
        name,
      ).toHaveLength(settlesAfter > 0 ? 1 : 0)
    }
  })

  it('never takes a table that nobody analysed for an empty one', async () => {
    expect(
      only(await rowsOf(known.url, 'tables', '--schema', 'audit'), 'table', 'rows', 'deadRatio'),
    ).toEqual([{ table: 'log', rows: null, deadRatio: null }])
  })

  it('tells what indexes are made of', async () => {
    const rows = await rowsOf(known.url, 'indexes', '--table', 'users', '--sort', 'index')
    const [{ bytes }] =
      (await known.session()`SELECT pg_relation_size('app.users_bio')::int AS bytes`) as unknown as [
        { pid: number; age: number; bytes: number },
      ]
    expect(
      only(rows, 'index', 'columns', 'includes', 'unique', 'primary', 'partial', 'expression', 'constraint'),
    ).toEqual([
      {
        index: 'users_bio',
        columns: ['lower(bio)'],
        includes: ['email'],
        unique: false,
        primary: false,
        partial: true,
        expression: true,
        constraint: null,
      },
      {
        index: 'users_email_key',
        columns: ['email'],
        includes: [],
        unique: true,
        primary: false,
        partial: false,
        expression: false,
        constraint: 'users_email_key',
      },
      {
        index: 'users_pkey',
        columns: ['id'],
        includes: [],
        unique: true,
        primary: true,
        partial: false,
        expression: false,
        constraint: 'users_pkey',
      },
    ])
    expect(rows[0]).toMatchObject({
      schema: 'app',
      table: 'users',
      bytes,
      scans: 0,
      method: 'btree',
      valid: true,
      approximate: false,
    })
    expect(rows[1]).toMatchObject({
      scans: 1,
      rowsFetched: 1,
      lastUsed: major >= 16 ? expect.any(String) : null,
    })
  })

  it('names unused indexes, but none that constrains or serves a foreign key', async () => {
    const { rows, notes } = await reportOf(known.url, 'unused-indexes', '--sort', 'index')
    expect(only(rows, 'index', 'scans', 'reasonsToKeep')).toEqual([
      { index: 'posts_body', scans: 0, reasonsToKeep: [] },
      { index: 'posts_body_again', scans: 0, reasonsToKeep: [] },
      { index: 'users_bio', scans: 0, reasonsToKeep: [] },
    ])
    expect(notes.map(({ message }) => message)).toEqual([
      'Each server counts for itself: an index without a scan here may be what a standby lives on.',
      expect.stringMatching(
        /^The counters began .* ago, at .*: too young to judge by, which takes 30d 0h\.$/,
      ),
    ])
  })

  it('names redundant indexes with what covers them', async () => {
    expect(only(await rowsOf(known.url, 'redundant-indexes'), 'index', 'coveredBy', 'exact', 'drop')).toEqual(
      [
        {
          index: 'posts_body_again',
          coveredBy: 'posts_body',
          exact: true,
          drop: 'DROP INDEX CONCURRENTLY app.posts_body_again',
        },
      ],
    )
  })

  it('names foreign keys without an index', async () => {
    expect(await rowsOf(known.url, 'fk-indexes')).toEqual([
      {
        schema: 'app',
        table: 'posts',
        constraint: 'posts_user_id_fkey',
        columns: ['user_id'],
        references: 'app.users',
        onDelete: 'cascade',
        bytes: 3 * 8192,
        rows: 200,
        create: 'CREATE INDEX CONCURRENTLY ON app.posts (user_id)',
      },
    ])
  })

  it('tells how tables are read and written', async () => {
    const usage = await rowsOf(known.url, 'index-usage')
    expect(usage.find(({ table }) => table === 'log')).toMatchObject({ indexRatio: null, seqScans: 0 })
    expect(usage.at(-1)).toMatchObject({ indexRatio: null })
    const scans = await rowsOf(known.url, 'seq-scans', '--table', 'posts')
    expect(only(scans, 'seqScans', 'seqRowsRead', 'rowsPerScan')).toEqual([
      { seqScans: 6, seqRowsRead: 400, rowsPerScan: 400 / 6 },
    ])
    expect(
      only(await rowsOf(known.url, 'hot-updates'), 'table', 'updates', 'hotRatio', 'fillfactor'),
    ).toEqual([{ table: 'posts', updates: 40, hotRatio: 0, fillfactor: 80 }])
    const [traffic] = await rowsOf(known.url, 'traffic', '--table', 'posts')
    expect(traffic).toMatchObject({ rowsWritten: 440, inserts: 300, updates: 40, deletes: 100 })
  })

  it('tells what was found in shared buffers', async () => {
    const rows = await rowsOf(known.url, 'cache-hit')
    expect(rows[0]).toMatchObject({ kind: 'database', schema: null, name: known.name })
    const table = rows.find(({ kind, name }) => kind === 'table' && name === 'users') as Record<
      string,
      number
    >
    expect(table.ratio).toBe(Number(table.hits) / (Number(table.hits) + Number(table.reads)))
    expect(rows.find(({ name }) => name === 'users_pkey')).toMatchObject({
      kind: 'index',
      table: 'users',
      schema: 'app',
    })
  })

  it('ranks statements by what is asked for', async () => {
    const { rows, since } = await reportOf(known.url, 'top-queries', '--by', 'calls', '--limit', '3')
    expect(rows).toHaveLength(3)
    expect(since).toMatch(/Z$/)
    const all = await rowsOf(known.url, 'top-queries', '--limit', '1000')
    expect(all.find(({ query }) => query === 'SELECT count(*) FROM app.posts')).toMatchObject({
      calls: 2,
      rows: 2,
      user: 'postgres',
      queryId: expect.stringMatching(/^-?\d+$/),
    })
    const times = all.map(({ totalMs }) => Number(totalMs))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    const io = await rowsOf(known.url, 'query-io', '--limit', '1000')
    expect(io.find(({ query }) => query === 'SELECT count(*) FROM app.posts')).toMatchObject({
      readMs: expect.any(Number),
    })
  })

  it('says that nobody counts statements, and the remedy', async () => {
    const other = await databaseOn(server)
    const { rows, notes } = await reportOf(other.url, 'top-queries')
    expect(rows).toEqual([])
    expect(notes[0]).toEqual({
      message: 'Nobody counts statements: the extension pg_stat_statements is not in this database.',
      fix: 'CREATE EXTENSION pg_stat_statements;',
    })
  })

  it('counts connections as clients, not as processes', async () => {
    const { rows, notes, ...document } = await reportOf(known.url, 'connections')
    const clients = rows.reduce((sum, { sessions }) => sum + Number(sessions), 0)
    const [counted] = await known.session()<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend'`
    // less our own, which has ended, and with the one that has just counted
    expect(Math.abs(clients - Number(counted?.count))).toBeLessThanOrEqual(1)
    expect(document).toMatchObject({ used: expect.any(Number), usable: 97 })
    expect(notes[0]?.message).toMatch(/^\d+ of 97 connections that an ordinary role can have are taken\.$/)
  })

  it('tells what sessions do', async () => {
    const sleeper = known.session()
    const idler = known.session()
    await idler.unsafe("SET application_name = 'idler'; BEGIN; SELECT 'secret word'").simple()
    const sleeping = sleeper`SELECT pg_sleep(60)`.catch(() => undefined)
    await expect
      .poll(async () => only(await rowsOf(known.url, 'activity'), 'state', 'query'))
      .toContainEqual({ state: 'active', query: 'SELECT pg_sleep(60)' })
    const idle = await rowsOf(known.url, 'idle-in-transaction')
    expect(idle).toEqual([
      {
        pid: expect.any(Number),
        user: 'postgres',
        database: known.name,
        application: 'idler',
        address: '127.0.0.1',
        state: 'idle in transaction',
        wait: 'Client: ClientRead',
        since: expect.stringMatching(/Z$/),
        transactionMs: expect.any(Number),
        queryMs: null,
        stateMs: expect.any(Number),
        blockedBy: [],
        hidden: false,
        query: expect.stringContaining('secret word'),
        kind: 'client backend',
      },
    ])
    expect(await rowsOf(known.url, 'idle-in-transaction', '--no-query')).toEqual([
      { ...idle[0], query: null, stateMs: expect.any(Number), transactionMs: expect.any(Number) },
    ])
    expect(await rowsOf(known.url, 'long-running')).toEqual([])
    const long = await rowsOf(known.url, 'long-running', '--longer-than', '1ms')
    expect(long.map(({ query }) => query)).toContain('SELECT pg_sleep(60)')
    await known.session()`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`
    await sleeping
    await idler.end()
  })

  it('tells what autovacuum would do', async () => {
    const [posts] = await rowsOf(known.url, 'vacuum', '--table', 'posts')
    expect(posts).toMatchObject({
      rows: 200,
      deadRows: 140,
      deadTrigger: 50 + 0.2 * 200,
      insertedRows: 300,
      insertTrigger: 1000 + 0.2 * 200,
      changedRows: 0,
      analyzeTrigger: 50 + 0.1 * 200,
      due: ['dead rows'],
      autovacuum: false,
    })
    const [users] = await rowsOf(known.url, 'vacuum', '--table', 'users')
    expect(users).toMatchObject({ rows: 1000, insertTrigger: 1200, due: [] })
  })

  it('shows what keeps dead rows', async () => {
    const holder = known.session()
    await holder.unsafe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1').simple()
    const [{ pid }] = (await holder`SELECT pg_backend_pid() AS pid`) as unknown as [{ pid: number }]
    const preparer = known.session()
    await preparer.unsafe("BEGIN; INSERT INTO audit.log VALUES ('x'); PREPARE TRANSACTION 'kept'").simple()
    const rows = await rowsOf(known.url, 'xmin')
    expect(only(rows, 'kind', 'holder')).toEqual(
      expect.arrayContaining([
        { kind: 'session', holder: String(pid) },
        { kind: 'prepared transaction', holder: 'kept' },
      ]),
    )
    await preparer`ROLLBACK PREPARED 'kept'`
    await holder.end()
  })

  it('tells the distance to wraparound', async () => {
    const rows = await rowsOf(known.url, 'wraparound')
    const database = rows.find(({ kind, name }) => kind === 'database' && name === known.name)
    const [{ age }] =
      (await known.session()`SELECT age(datfrozenxid) AS age FROM pg_database WHERE datname = current_database()`) as unknown as [
        { pid: number; age: number; bytes: number },
      ]
    expect(database).toMatchObject({
      xidAge: age,
      freezeMaxAge: 200_000_000,
      failsafeAge: 1_600_000_000,
      freezeRatio: age / 200_000_000,
    })
    expect(
      rows.some(({ kind, schema, name }) => kind === 'table' && schema === 'app' && name === 'users'),
    ).toBe(true)
  })

  it('names constraints that promise less than they seem', async () => {
    expect(await rowsOf(known.url, 'constraints')).toEqual([
      { schema: 'audit', table: 'log', issue: 'no primary key', constraint: null, detail: null },
    ])
  })

  it('tells how much of sequences is used', async () => {
    const rows = await rowsOf(known.url, 'sequences')
    expect(rows).toEqual([
      {
        schema: 'app',
        sequence: 'posts_id_seq',
        table: 'posts',
        column: 'id',
        type: 'smallint',
        last: 300,
        ceiling: 32_767,
        usedRatio: Math.floor((299 / 32_766) * 1e6) / 1e6,
        headroom: 32_767 - 300,
        furthest: 200,
        behind: false,
        cycles: false,
        readable: true,
        uncompared: false,
        setval: null,
      },
      expect.objectContaining({
        sequence: 'users_id_seq',
        last: 1000,
        ceiling: 2_147_483_647,
        furthest: 1000,
        behind: false,
      }),
    ])
  })

  it('tells settings that somebody chose', async () => {
    const rows = await rowsOf(known.url, 'settings', '--non-default')
    expect(rows.find(({ name }) => name === 'autovacuum')).toMatchObject({
      value: 'off',
      usual: 'on',
      source: 'configuration file',
      pendingRestart: false,
    })
    expect(rows.every(({ source }) => source !== 'default')).toBe(true)
    expect((await rowsOf(known.url, 'settings')).length).toBeGreaterThan(rows.length)
  })

  it('tells extensions and their versions', async () => {
    const rows = await rowsOf(known.url, 'extensions')
    expect(only(rows, 'name', 'schema', 'outdated')).toEqual([
      { name: 'pg_stat_statements', schema: 'public', outdated: false },
      { name: 'plpgsql', schema: 'pg_catalog', outdated: false },
    ])
  })

  it('tells replication slots', async () => {
    const sql = known.session()
    await sql`SELECT pg_create_physical_replication_slot('idle_slot', true)`
    const rows = await rowsOf(known.url, 'replication')
    await sql`SELECT pg_drop_replication_slot('idle_slot')`
    expect(rows).toEqual([
      {
        kind: 'slot',
        name: 'idle_slot',
        state: 'physical',
        sync: null,
        lagBytes: expect.any(Number),
        lagMs: null,
        walStatus: 'reserved',
        active: false,
        inactiveSince: major >= 17 ? expect.stringMatching(/Z$/) : null,
        note: null,
      },
    ])
  })

  it('tells what the server writes', async () => {
    const rows = await rowsOf(known.url, 'wal-io')
    expect(rows[0]).toMatchObject({
      figure: 'WAL written',
      unit: 'bytes',
      since: expect.stringMatching(/Z$/),
    })
    const count = rows.find(({ figure }) => figure === 'checkpoints by demand')?.value
    await known.session()`CHECKPOINT`
    await expect
      .poll(
        async () =>
          (await rowsOf(known.url, 'wal-io')).find(({ figure }) => figure === 'checkpoints by demand')?.value,
      )
      .toBeGreaterThan(Number(count))
  })

  it('shows commands in progress', async () => {
    const [slow, blocker] = [known.session(), known.session()]
    await blocker.unsafe('BEGIN; LOCK TABLE app.users IN ROW EXCLUSIVE MODE').simple()
    const indexing = slow.unsafe('CREATE INDEX CONCURRENTLY users_later ON app.users (bio, email)').execute()
    await expect
      .poll(async () => only(await rowsOf(known.url, 'progress'), 'command', 'schema', 'table', 'phase'), {
        timeout: 10_000,
      })
      .toEqual([
        {
          command: 'CREATE INDEX CONCURRENTLY',
          schema: 'app',
          table: 'users',
          phase: 'waiting for writers before build',
        },
      ])
    await blocker.end()
    await indexing
    await known.session().unsafe('DROP INDEX app.users_later')
  })

  it('answers with the database at a glance when nothing is named', async () => {
    const [row] = await rowsOf(known.url, 'overview')
    const [{ bytes }] =
      (await known.session()`SELECT pg_database_size(current_database())::float8 AS bytes`) as unknown as [
        { pid: number; age: number; bytes: number },
      ]
    expect(row).toMatchObject({
      bytes,
      tables: 4,
      indexes: 8,
      rows: 1220,
      unanalysed: 1,
      role: 'primary',
      encoding: 'UTF8',
      transactionsPerSecond: null,
    })
  })
})
