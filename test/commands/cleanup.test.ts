import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'

const sessions = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }

/** Ten sessions: 1 to 4 are expired, one has no end. */
const TEN = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions SELECT n, now() + (n - 5) * interval '1 hour' FROM generate_series(1, 4) n;
  INSERT INTO sessions SELECT n, now() + n * interval '1 hour' FROM generate_series(5, 9) n;
  INSERT INTO sessions VALUES (10, NULL)`

const ids = async ({ sql }: { sql: import('postgres').Sql }, table = 'sessions') =>
  (await sql.unsafe<{ id: number }[]>(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id)

describe.each(majors())('on PostgreSQL %i', major => {
  it('deletes what has expired, and nothing else', async () => {
    const { database, cleaned } = await cleaning(major, sessions, TEN)
    const document = await cleaned()
    expect(document).toEqual({
      schemaVersion: 1,
      database: expect.objectContaining({ name: database.name }),
      dryRun: false,
      policies: [
        {
          name: 'sessions',
          table: 'public.sessions',
          cutoff: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
          matched: 4,
          deleted: 4,
          cascaded: 0,
          cascadedTables: [],
          droppedPartitions: [],
          batches: 1,
          longestBatchMs: expect.any(Number),
          ms: expect.any(Number),
          stoppedBy: null,
          skippedLocked: 0,
          resumed: false,
          vacuum: 'done',
        },
      ],
    })
    expect(await ids(database)).toEqual([5, 6, 7, 8, 9, 10])
    expect((await cleaned()).policies).toMatchObject([{ matched: 0, deleted: 0 }])
    const [run] =
      await database.sql`SELECT policy, deleted, stopped_by, finished_at IS NOT NULL AS finished FROM drizzle.drizzle_ops_runs ORDER BY id LIMIT 1`
    expect(run).toEqual({ policy: 'sessions', deleted: '4', stopped_by: null, finished: true })
  })

  it.each([
    ['timestamp', 'Asia/Tokyo'],
    ['timestamp', 'America/Los_Angeles'],
    ['timestamp', 'UTC'],
    ['timestamptz', 'Asia/Tokyo'],
    ['timestamptz', 'America/Los_Angeles'],
  ])('means UTC by a %s, also in a session in %s', async (type, zone) => {
    const at = type === 'timestamp' ? "(now() AT TIME ZONE 'UTC')" : 'now()'
    const { database, cleaned } = await cleaning(
      major,
      sessions,
      `CREATE TABLE sessions (id int PRIMARY KEY, expires_at ${type});
       CREATE INDEX ON sessions (expires_at);
       INSERT INTO sessions VALUES
         (1, ${at} - interval '2 hours'), (2, ${at} - interval '1 minute'),
         (3, ${at} + interval '1 minute'), (4, ${at} + interval '3 hours'), (5, ${at} + interval '20 hours')`,
    )
    await database.sql.unsafe(`ALTER DATABASE ${database.name} SET timezone = '${zone}'`)
    await cleaned()
    expect(await ids(database)).toEqual([3, 4, 5])
  })

  it.each(['Pacific/Kiritimati', 'Pacific/Niue'])(
    'means a day of UTC by a date, also in a session in %s',
    async zone => {
      const { database, cleaned } = await cleaning(
        major,
        { sessions: { table: 'sessions', column: 'expires_at', olderThan: '3d' } },
        `CREATE TABLE sessions (id int PRIMARY KEY, expires_at date); CREATE INDEX ON sessions (expires_at);
       INSERT INTO sessions SELECT n, (now() AT TIME ZONE 'UTC')::date - 5 + n FROM generate_series(0, 5) n`,
      )
      await database.sql.unsafe(`ALTER DATABASE ${database.name} SET timezone = '${zone}'`)
      const [done] = (await cleaned()).policies
      expect(done?.deleted).toBeGreaterThan(1)
      expect(await database.sql`SELECT min(expires_at)::text AS oldest FROM sessions`).toEqual([
        { oldest: done?.cutoff?.slice(0, 10) },
      ])
    },
  )

  it('goes leaf by leaf through partitions, whose rows share their places', async () => {
    const { database, cleaned } = await cleaning(
      major,
      { events: { table: 'events', column: 'at', olderThan: '30d' } },
      `CREATE TABLE events (id int, at timestamptz NOT NULL, kind int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
       CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
       CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2);
       CREATE INDEX ON events (at);
       INSERT INTO events SELECT n, now() - interval '60 days', 1 FROM generate_series(1, 300) n;
       INSERT INTO events SELECT n, now(), 2 FROM generate_series(1, 301) n`,
    )
    expect((await cleaned('--batch-size', '50')).policies).toMatchObject([{ matched: 300, deleted: 300 }])
    expect(await database.sql`SELECT kind, count(*)::int FROM events GROUP BY kind`).toEqual([
      { kind: 2, count: 301 },
    ])
  })

  it('drops whole partitions where the policy says so, but never the last one', async () => {
    const { database, cleaned } = await cleaning(
      major,
      { events: { table: 'events', column: 'at', olderThan: '30d', dropPartitions: true } },
      `CREATE TABLE events (id int, at timestamp NOT NULL) PARTITION BY RANGE (at);
       CREATE TABLE events_2001 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
       CREATE TABLE events_now PARTITION OF events FOR VALUES FROM ('2002-01-01') TO (MAXVALUE);
       CREATE INDEX ON events (at);
       INSERT INTO events VALUES (1, '2001-05-05'), (2, '2001-06-06'), (3, '2020-01-01'), (4, now()), (5, now()), (6, now())`,
    )
    expect((await cleaned()).policies).toMatchObject([
      { deleted: 3, droppedPartitions: ['public.events_2001'] },
    ])
    expect(await ids(database, 'events')).toEqual([4, 5, 6])
  })

  it('drops whole partitions beside a default one, but not where their rows are to be kept in an archive', async () => {
    const setUp = `CREATE TABLE events (id int, at timestamptz NOT NULL) PARTITION BY RANGE (at);
       CREATE TABLE events_2001 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
       CREATE TABLE events_rest PARTITION OF events DEFAULT;
       CREATE INDEX ON events (at);
       INSERT INTO events VALUES (1, '2001-05-05'), (2, '2001-06-06'), (3, '2020-01-01'), (4, now()), (5, now()), (6, now())`
    const policy = { events: { table: 'events', column: 'at', olderThan: '30d', dropPartitions: true } }
    const dropping = await cleaning(major, policy, setUp)
    expect((await dropping.cleaned()).policies).toMatchObject([
      { deleted: 3, droppedPartitions: ['public.events_2001'] },
    ])
    expect(await ids(dropping.database, 'events')).toEqual([4, 5, 6])

    const { database, cleaned, root } = await cleaning(major, policy, setUp)
    expect((await cleaned('--archive', 'gone.ndjson')).policies).toMatchObject([
      { deleted: 3, droppedPartitions: [] },
    ])
    expect(await ids(database, 'events')).toEqual([4, 5, 6])
    expect(await database.sql`SELECT to_regclass('events_2001')::text AS name`).toEqual([
      { name: 'events_2001' },
    ])
    const lines = readFileSync(join(root, 'gone.ndjson'), 'utf8').trimEnd().split('\n')
    expect(lines.map(each => (JSON.parse(each) as { t: string }).t)).toEqual([
      'public.events_2001',
      'public.events_2001',
      'public.events_rest',
    ])
  })

  it('passes over what somebody has locked, says so, and takes it the next time', async () => {
    const { database, cleaned } = await cleaning(major, sessions, TEN)
    const locker = await database.sql.reserve()
    await locker`BEGIN`
    await locker`SELECT FROM sessions WHERE id IN (2, 3) FOR UPDATE`
    expect((await cleaned('--batch-size', '1')).policies).toMatchObject([
      { matched: 4, deleted: 2, skippedLocked: 2, stoppedBy: null },
    ])
    await locker`ROLLBACK`
    locker.release()
    expect((await cleaned()).policies).toMatchObject([{ matched: 2, deleted: 2, skippedLocked: 0 }])
  })

  it('counts what goes with the rows, at any depth', async () => {
    const { cleaned } = await cleaning(
      major,
      sessions,
      `${TEN};
       CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE CASCADE);
       CREATE INDEX ON tabs (session_id);
       CREATE TABLE views (id int PRIMARY KEY, tab_id int REFERENCES tabs ON DELETE CASCADE);
       CREATE INDEX ON views (tab_id);
       CREATE TABLE notes (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE SET NULL);
       CREATE INDEX ON notes (session_id);
       INSERT INTO tabs SELECT n, n FROM generate_series(1, 9) n;
       INSERT INTO views SELECT n, 1 + n % 9 FROM generate_series(1, 90) n;
       INSERT INTO notes SELECT n, n FROM generate_series(3, 9) n`,
    )
    expect((await cleaned()).policies).toMatchObject([
      {
        deleted: 4,
        cascaded: 46,
        cascadedTables: expect.arrayContaining([
          { table: 'public.tabs', rows: 4 },
          { table: 'public.views', rows: 40 },
          { table: 'public.notes', rows: 2 },
        ]),
      },
    ])
  })

  it('keeps the newest of each parent', async () => {
    const { database, cleaned } = await cleaning(
      major,
      { builds: { table: 'builds', column: 'at', olderThan: '0s', keepLast: { per: 'project', rows: 2 } } },
      `CREATE TABLE builds (id int PRIMARY KEY, project int, at timestamptz);
       CREATE INDEX ON builds (at); CREATE INDEX ON builds (project, at);
       INSERT INTO builds SELECT n, n % 2, now() - interval '1 hour' * (10 - n) FROM generate_series(1, 8) n`,
    )
    await cleaned('--allow', 'large', '--batch-size', '1')
    expect(await ids(database, 'builds')).toEqual([5, 6, 7, 8])
  })

  it('takes what refers to nothing any more', async () => {
    const { database, cleaned } = await cleaning(
      major,
      { orphans: { table: 'tabs', column: 'session_id', references: { table: 'sessions', column: 'id' } } },
      `${TEN};
       CREATE TABLE tabs (id int PRIMARY KEY, session_id int);
       INSERT INTO tabs VALUES (1, 1), (2, 77), (3, NULL), (4, 2)`,
    )
    expect((await cleaned()).policies).toMatchObject([{ cutoff: null, deleted: 1 }])
    expect(await ids(database, 'tabs')).toEqual([1, 3, 4])
  })

  it('stops at a limit and goes on from there with the same cutoff', async () => {
    const { database, cleaned } = await cleaning(major, sessions, TEN)
    const first = await cleaned('--max-rows', '3')
    expect(first.policies).toMatchObject([{ deleted: 3, stoppedBy: 'max-rows', resumed: false }])
    await database.sql`INSERT INTO sessions VALUES (11, now())`
    const second = await cleaned()
    expect(second.policies).toMatchObject([
      { deleted: 1, stoppedBy: null, resumed: true, cutoff: expect.any(String) },
    ])
    expect(second.policies[0]?.cutoff?.slice(0, 19)).toBe(first.policies[0]?.cutoff?.slice(0, 19))
    expect(await ids(database)).toContain(11)
    expect((await cleaned()).policies).toMatchObject([{ deleted: 1, resumed: false }])
  })

  it('writes the rows into an archive before they are gone', async () => {
    const { database, cleaned, cleanup, root } = await cleaning(
      major,
      sessions,
      `${TEN}; ALTER TABLE sessions ADD note json; UPDATE sessions SET note = e'{"a":\\n1}'`,
    )
    await cleaned('--archive', 'gone.ndjson.gz', '--batch-size', '2')
    const file = join(root, 'gone.ndjson.gz')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const rows = gunzipSync(readFileSync(file))
      .toString()
      .trimEnd()
      .split('\n')
      .map(row => JSON.parse(row) as { t: string; r: { id: number } })
    expect(rows.map(({ t, r }) => [t, r.id])).toEqual([1, 2, 3, 4].map(id => ['public.sessions', id]))
    expect(rows[0]).toMatchObject({ r: { note: { a: 1 } } })
    expect(await ids(database)).toHaveLength(6)
    expect(await cleanup('--archive', 'gone.ndjson.gz')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${file} exists already, and is not the archive of a run that was stopped. [file-exists]
  → Name another file with --archive, or move this one away.
`,
    })
  })

  it('says in a dry run what would go, and touches nothing', async () => {
    const { database, cleaned, root } = await cleaning(major, sessions, TEN)
    expect(await cleaned('--dry-run')).toMatchObject({
      dryRun: true,
      policies: [
        {
          name: 'sessions',
          matched: 4,
          exact: true,
          rows: 10,
          nulls: 1,
          samples: [[expect.any(String), '1'], {}, {}, {}],
        },
      ],
    })
    const shown = await ops(['cleanup', '--dry-run', '--url', database.url], { cwd: root })
    expect(shown.stdout).toContain('sessions: 4 of 10 rows of public.sessions\n')
    expect(await ids(database)).toHaveLength(10)
    expect(await database.sql`SELECT FROM pg_namespace WHERE nspname = 'drizzle'`).toHaveLength(0)
  })

  it('shows in a dry run also what it would refuse as too large a part', async () => {
    const { database, root } = await cleaning(major, sessions, `${TEN}; DELETE FROM sessions WHERE id > 4`)
    const shown = await ops(['cleanup', '--dry-run', '--url', database.url], { cwd: root })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^sessions: (\d) of 4 rows of public\.sessions\n/)
    expect(await ops(['cleanup', '--yes', '--url', database.url], { cwd: root })).toMatchObject({ code: 1 })
    expect(await ids(database)).toHaveLength(4)
  })

  it('needs the right to read and to delete, and no more', async () => {
    const { database, root } = await cleaning(major, sessions, TEN)
    const role = await freshRole('password', major)
    await database.sql.unsafe(
      `GRANT SELECT, DELETE ON sessions TO ${role.name}; REVOKE CREATE ON DATABASE ${database.name} FROM PUBLIC`,
    )
    const url = new URL(database.url)
    url.username = role.name
    url.password = role.password
    const outcome = await ops(['cleanup', '--yes', '--json', '--url', url.href], { cwd: root })
    expect(outcome).toMatchObject({
      code: 0,
      stderr:
        'This role may not keep a table of runs beside drizzle’s history: the lock alone guards, and a stopped run begins anew.\n',
    })
    expect(documentOf(outcome)).toMatchObject({ policies: [{ deleted: 4, vacuum: 'not-owner' }] })
  })

  it('leaves a policy to the run that is at work on it', async () => {
    const { database, cleanup, cleaned } = await cleaning(major, sessions, TEN)
    const other = await database.sql.reserve()
    await other`BEGIN`
    // as CREATE INDEX does: the first run waits for it
    await other`LOCK TABLE sessions IN SHARE MODE`
    const first = cleaned()
    const waiting = () => database.sql`
      SELECT FROM pg_locks WHERE relation = 'sessions'::regclass AND mode = 'RowExclusiveLock' AND NOT granted`
    await expect.poll(waiting).toHaveLength(1)
    const second = await cleanup('--json')
    await other`ROLLBACK`
    other.release()
    expect(second.code).toBe(5)
    expect(documentOf(second)).toMatchObject({ policies: [{ deleted: 0, stoppedBy: 'running' }] })
    expect((await first).policies).toMatchObject([{ deleted: 4, stoppedBy: null }])
  })
})

describe('refuses before anything is deleted', () => {
  const refused: [
    what: string,
    policies: object,
    setUp: string,
    code: string,
    message: string,
    hint: string,
  ][] = [
    [
      'more than half of a table',
      { sessions: { ...sessions.sessions, olderThan: '0s' } },
      `${TEN}; DELETE FROM sessions WHERE id > 7`,
      'large',
      'The policy sessions would delete 4 of 7 rows of public.sessions (57 %), more than half of it.',
      'If its age is what you mean, add --allow large. See the rows first: --dry-run.',
    ],
    [
      'a cascade without an index',
      sessions,
      `${TEN}; CREATE TABLE tabs (id int, session_id int REFERENCES sessions ON DELETE CASCADE)`,
      'policy-cascade',
      'Each row that the policy sessions deletes from public.sessions would read all of public.tabs: its foreign key tabs_session_id_fkey is ON DELETE CASCADE, and no index leads with session_id.',
      'Make one first: CREATE INDEX CONCURRENTLY ON "public"."tabs" ("session_id");',
    ],
    [
      'rows that others refer to',
      sessions,
      `${TEN}; CREATE TABLE tabs (id int, session_id int REFERENCES sessions); INSERT INTO tabs VALUES (1, 1)`,
      'policy-referenced',
      'Rows of public.tabs refer to rows of public.sessions that the policy sessions would delete, and the foreign key tabs_session_id_fkey is ON DELETE NO ACTION.',
      'Clean public.tabs up as well, with a policy that takes those rows; policies of one run go children first.',
    ],
    [
      'a column that has no age',
      { sessions: { table: 'sessions', column: 'id', olderThan: '1d' } },
      TEN,
      'policy-type',
      'The policy sessions of ops.cleanup is about public.sessions.id, which is integer and has no age.',
      'Name a column of one of these types: timestamp with time zone, timestamp without time zone, date.',
    ],
    [
      'a column that is not there',
      { sessions: { table: 'sessions', column: 'expired_at', olderThan: '1d' } },
      TEN,
      'policy-column',
      'The policy sessions of ops.cleanup is about public.sessions.expired_at, and there is no such column.',
      'Did you mean expires_at? There are id, expires_at.',
    ],
    [
      'a table that is not there',
      { sessions: { table: 'session', column: 'expires_at', olderThan: '1d' } },
      TEN,
      'policy-table',
      'The policy sessions of ops.cleanup is about session, and there is no such table.',
      'Did you mean sessions? It may also be that migrations are pending: drizzle-ops status.',
    ],
    [
      'an age that is none',
      { sessions: { table: 'sessions', column: 'expires_at', olderThan: 'soon' } },
      TEN,
      'policy-invalid',
      'The policy sessions of ops.cleanup has no age under olderThan (soon).',
      'Write a number and a unit: 250ms, 5s, 10m, 24h or 30d.',
    ],
    [
      'an unknown key',
      { sessions: { table: 'sessions', column: 'expires_at', olderThen: '1d' } },
      TEN,
      'policy-invalid',
      'The policy sessions of ops.cleanup has an unknown key olderThen.',
      'Did you mean olderThan?',
    ],
    [
      'nothing at all',
      {},
      TEN,
      'policies-missing',
      '',
      'drizzle-ops cleanup list suggests policies for the tables that it finds.',
    ],
  ]

  it.each(refused)('%s', async (_, policies, setUp, code, message, hint) => {
    const { database, cleanup, root } = await cleaning(newestMajor(), policies, setUp)
    const before = await ids(database)
    const outcome = await cleanup()
    const said =
      message ||
      `${root}/drizzle.config.ts has no policies under ops.cleanup, so there is nothing to clean up.`
    expect(outcome).toEqual({
      code: ['large', 'policy-cascade', 'policy-referenced'].includes(code) ? 1 : 2,
      stdout: '',
      stderr: `error: ${said} [${code}]\n  → ${hint}\n`,
    })
    expect(await ids(database)).toEqual(before)
  })

  it('a policy that is not written, and one that nobody agreed to', async () => {
    const { database, cleanup, root } = await cleaning(newestMajor(), sessions, TEN)
    expect(await cleanup('session')).toMatchObject({
      code: 2,
      stderr:
        'error: ops.cleanup has no policy session. [policy-unknown]\n  → Did you mean sessions? There are sessions.\n',
    })
    expect(await ops(['cleanup', '--url', database.url], { cwd: root })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: This deletes what has expired (sessions: 4 rows of public.sessions). Nobody is at a terminal to agree. [consent-missing]
  → Add --yes to agree beforehand.
`,
    })
  })
})

it('takes children first, whatever the order of the policies', async () => {
  const { database, cleaned } = await cleaning(
    newestMajor(),
    { ...sessions, tabs: { table: 'tabs', column: 'at', olderThan: '0s' } },
    `${TEN}; CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions, at timestamptz);
     INSERT INTO tabs VALUES (1, 1, now() - interval '1 day'), (2, 9, now() + interval '1 day'), (3, 9, now() + interval '1 day')`,
  )
  expect((await cleaned()).policies).toMatchObject([
    { name: 'tabs', deleted: 1 },
    { name: 'sessions', deleted: 4 },
  ])
  expect(await ids(database, 'tabs')).toEqual([2, 3])
})

describe('lists and schedules', () => {
  it('shows policies with what they would take, and lines to paste for what has none', async () => {
    const { database, root, cleaned } = await cleaning(
      newestMajor(),
      sessions,
      `${TEN}; CREATE TABLE posts (id int PRIMARY KEY, deleted_at timestamp); INSERT INTO posts VALUES (1, '2020-01-01'), (2, NULL)`,
    )
    const outcome = await ops(['cleanup', 'list', '--json', '--url', database.url], { cwd: root })
    expect(documentOf(outcome)).toMatchObject({
      policies: [
        { name: 'sessions', configured: true, expired: 4, paste: null },
        {
          name: 'posts',
          configured: false,
          expired: 1,
          oldest: expect.closeTo(Date.now() - Date.parse('2020-01-31T00:00:00Z'), -5),
          olderThan: '30d',
          paste: '"posts": { table: "posts", column: "deleted_at", olderThan: \'30d\' },',
        },
      ],
    })
    const listed = await ops(['cleanup', 'list', '--url', database.url], { cwd: root })
    expect(listed.stdout).toMatch(
      /\nTo have what is suggested cleaned up, add to ops\.cleanup:\n {2}"posts": \{ table: "posts", column: "deleted_at", olderThan: '30d' \},\n$/,
    )
    expect(await ids(database)).toHaveLength(10)
    // a suggestion is none of the policies that a run is about
    expect((await cleaned()).policies).toMatchObject([{ name: 'sessions', deleted: 4 }])
    expect(await ids(database, 'posts')).toEqual([1, 2])
  })

  it('suggests what is named in TypeScript’s way as well, and tells two columns of one table apart', async () => {
    const { database, root } = await cleaning(
      newestMajor(),
      {},
      `CREATE TABLE "apiKeys" (id int PRIMARY KEY, "expiresAt" timestamp, "deletedAt" timestamptz);
       CREATE SCHEMA auth; CREATE TABLE auth.session (sid text PRIMARY KEY, expire timestamp); CREATE TABLE notes (expires text)`,
    )
    const outcome = await ops(['cleanup', 'list', '--json', '--url', database.url], { cwd: root })
    const { policies } = documentOf<{ policies: { paste: string }[] }>(outcome)
    expect(policies.map(({ paste }) => paste).sort()).toEqual([
      `"apiKeys": { table: "apiKeys", column: "expiresAt", olderThan: '0s' },`,
      `"apiKeys_deletedAt": { table: "apiKeys", column: "deletedAt", olderThan: '30d' },`,
      `"session": { table: "auth.session", column: "expire", olderThan: '0s' },`,
    ])
  })

  it.each([
    ['cron', '17 3 * * *  cd /srv/app && npx drizzle-ops cleanup sessions --yes --max-time 20m --quiet'],
    ['systemd', 'ExecStart=/usr/bin/npx drizzle-ops cleanup sessions --yes --max-time 20m'],
    ['k8s', '              args: [cleanup, sessions, --yes, --max-time, 20m, --json]'],
    ['github', '      - run: npx drizzle-ops cleanup sessions --yes --max-time 20m'],
  ])('prints a schedule for %s', async (scheduler, command) => {
    const { root } = await cleaning(newestMajor(), sessions, TEN)
    const { stdout, code } = await ops(['cleanup', 'schedule', 'sessions', '--print', scheduler], {
      cwd: root,
    })
    expect(code).toBe(0)
    expect(stdout.split('\n')).toContain(command)
    expect(stdout).toMatch(scheduler === 'systemd' ? /OnCalendar=\*-\*-\* 03:17:00/ : /17 3 \* \* \*/)
    expect(await ops(['cleanup', 'schedule', 'session', '--print', scheduler], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[policy-unknown]'),
    })
  })

  it('prints a schedule for pg_cron, whose statement works', async () => {
    const { root, database } = await cleaning(newestMajor(), sessions, TEN)
    const { stdout } = await ops(['cleanup', 'schedule', '--print', 'pg_cron'], { cwd: root })
    const [, statement = ''] = stdout.split('$$')
    await database.sql.unsafe(statement)
    expect(await ids(database)).toEqual([5, 6, 7, 8, 9, 10])
  })
})
