import { describe, expect, it } from 'vitest'
import { cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { newestMajor } from '../support/shared-servers.ts'

const policies = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }
/** Sessions 1 to 4 are expired; each has a tab that goes with it. */
const SESSIONS = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions SELECT n, now() + (n - 4.5) * interval '1 hour' FROM generate_series(1, 9) n;
  CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE CASCADE);
  CREATE INDEX ON tabs (session_id);
  INSERT INTO tabs SELECT n, n FROM generate_series(1, 9) n`

it('refuses a key without an index that would have a large table read for each row', async () => {
  const { cleanup } = await cleaning(
    newestMajor(),
    policies,
    `${SESSIONS}; CREATE TABLE notes (id int, session_id int REFERENCES sessions);
     INSERT INTO notes SELECT n, 9 FROM generate_series(1, 10001) n; ANALYZE notes`,
  )
  expect(await cleanup()).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: Each row that the policy sessions deletes from public.sessions would read all of public.notes: its foreign key notes_session_id_fkey is ON DELETE NO ACTION, and no index leads with session_id. [policy-cascade]
  → Make one first: CREATE INDEX CONCURRENTLY ON "public"."notes" ("session_id");
`,
  })
})

it.each([
  [
    'nobody has counted',
    `CREATE TABLE notes (id int, session_id int REFERENCES sessions) WITH (autovacuum_enabled = off);
     INSERT INTO notes SELECT n, 9 FROM generate_series(1, 20000) n`,
  ],
  [
    'is large as a whole, but no partition of it',
    `CREATE TABLE notes (id int, session_id int REFERENCES sessions) PARTITION BY RANGE (id);
     CREATE TABLE notes_1 PARTITION OF notes FOR VALUES FROM (0) TO (9001);
     CREATE TABLE notes_2 PARTITION OF notes FOR VALUES FROM (9001) TO (18001);
     INSERT INTO notes SELECT n, 9 FROM generate_series(1, 18000) n; ANALYZE notes_1; ANALYZE notes_2`,
  ],
])('refuses a key without an index of a table that %s', async (_, notes) => {
  const { cleanup } = await cleaning(newestMajor(), policies, `${SESSIONS}; ${notes}`)
  expect(await cleanup()).toMatchObject({ code: 1, stderr: expect.stringContaining('[policy-cascade]') })
})

it('is content with an index of all rows that refer at all', async () => {
  const { cleaned } = await cleaning(
    newestMajor(),
    policies,
    `${SESSIONS}; CREATE TABLE notes (id int, session_id int REFERENCES sessions ON DELETE SET NULL);
     CREATE INDEX ON notes (session_id) WHERE session_id IS NOT NULL; INSERT INTO notes VALUES (1, 2), (2, NULL)`,
  )
  expect((await cleaned()).policies).toMatchObject([{ deleted: 4, cascaded: 5 }])
})

const skipped = newestMajor() < 18
if (skipped) console.log('Skipped: keys that are NOT ENFORCED or have a PERIOD came with PostgreSQL 18.')

it.skipIf(skipped)('does not mind keys that are NOT ENFORCED, unlike those that are NOT VALID', async () => {
  const { database, cleaned, cleanup } = await cleaning(
    newestMajor(),
    policies,
    `${SESSIONS}; CREATE TABLE notes (id int, session_id int);
     ALTER TABLE notes ADD CONSTRAINT idle FOREIGN KEY (session_id) REFERENCES sessions ON DELETE CASCADE NOT ENFORCED;
     INSERT INTO notes VALUES (1, 2); CREATE TABLE marks (id int, session_id int); INSERT INTO marks VALUES (1, 3);
     ALTER TABLE marks ADD FOREIGN KEY (session_id) REFERENCES sessions NOT VALID`,
  )
  expect(await cleanup()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the foreign key marks_session_id_fkey is ON DELETE NO ACTION'),
  })
  await database.sql`DELETE FROM marks`
  expect((await cleaned()).policies).toMatchObject([{ deleted: 4, cascaded: 4 }])
  expect(await database.sql`SELECT id FROM notes`).toEqual([{ id: 1 }])
})

it.skipIf(skipped)('is content with what a PERIOD is looked up by', async () => {
  const { cleaned } = await cleaning(
    newestMajor(),
    policies,
    `CREATE EXTENSION btree_gist;
     CREATE TABLE sessions (id int, during daterange, expires_at timestamptz, PRIMARY KEY (id, during WITHOUT OVERLAPS));
     INSERT INTO sessions VALUES (1, '[2020-01-01,2021-01-01)', '2021-01-01'), (2, '[2020-01-01,)', NULL), (3, '[2020-01-01,)', NULL);
     CREATE TABLE notes (id int, session_id int, during daterange,
       FOREIGN KEY (session_id, PERIOD during) REFERENCES sessions (id, PERIOD during));
     CREATE INDEX ON notes USING gist (session_id, during);
     INSERT INTO notes SELECT n, 2, '[2021-01-01,2022-01-01)' FROM generate_series(1, 10001) n; ANALYZE notes`,
  )
  expect((await cleaned()).policies).toMatchObject([{ matched: 1, deleted: 1 }])
})

it('compares as the key does, whose type may be an extension’s', async () => {
  const { cleanup } = await cleaning(
    newestMajor(),
    policies,
    `CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
     CREATE TABLE sessions (id ext.citext PRIMARY KEY, expires_at timestamptz);
     CREATE TABLE notes (id int, session_id ext.citext REFERENCES sessions);
     INSERT INTO sessions VALUES ('MiXed', '2020-01-01'), ('other', NULL), ('another', NULL); INSERT INTO notes VALUES (1, 'mixed')`,
  )
  expect(await cleanup()).toMatchObject({ code: 1, stderr: expect.stringContaining('[policy-referenced]') })
})

describe('of what goes with the rows', () => {
  it.each(['CASCADE', 'SET NULL', 'SET DEFAULT'])(
    'refuses a key without an index that is ON DELETE %s',
    async rule => {
      const { database, cleanup } = await cleaning(
        newestMajor(),
        policies,
        `${SESSIONS}; CREATE TABLE views (id int, tab_id int REFERENCES tabs ON DELETE ${rule})`,
      )
      expect(await cleanup()).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: Each row that the policy sessions deletes from public.sessions would read all of public.views: its foreign key views_tab_id_fkey is ON DELETE ${rule}, and no index leads with tab_id. [policy-cascade]
  → Make one first: CREATE INDEX CONCURRENTLY ON "public"."views" ("tab_id");
`,
      })
      expect(await database.sql`SELECT FROM sessions`).toHaveLength(9)
    },
  )

  it('refuses what other rows refer to', async () => {
    const { database, cleanup, cleaned } = await cleaning(
      newestMajor(),
      policies,
      `${SESSIONS}; CREATE TABLE views (id int, tab_id int REFERENCES tabs); INSERT INTO views VALUES (1, 3), (2, 8)`,
    )
    expect(await cleanup()).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: Rows of public.views refer to rows of public.tabs that the policy sessions would delete, and the foreign key views_tab_id_fkey is ON DELETE NO ACTION. [policy-referenced]
  → Clean public.views up as well, with a policy that takes those rows; policies of one run go children first.
`,
    })
    await database.sql`DELETE FROM views WHERE id = 1`
    expect((await cleaned()).policies).toMatchObject([{ deleted: 4, cascaded: 4 }])
  })

  it('is not held back by rows that go by another key', async () => {
    const { cleaned } = await cleaning(
      newestMajor(),
      policies,
      `${SESSIONS};
       CREATE TABLE views (id int, tab_id int REFERENCES tabs, session_id int REFERENCES sessions ON DELETE CASCADE);
       CREATE INDEX ON views (session_id); INSERT INTO views SELECT n, n, n FROM generate_series(1, 9) n`,
    )
    expect((await cleaned()).policies).toMatchObject([{ deleted: 4, cascaded: 8 }])
  })

  it('refuses what other rows refer to, whichever of two keys it goes by', async () => {
    const { database, root, cleanup } = await cleaning(
      newestMajor(),
      policies,
      `${SESSIONS};
       CREATE TABLE posts (id int PRIMARY KEY, author_id int REFERENCES sessions ON DELETE CASCADE, editor_id int REFERENCES sessions ON DELETE CASCADE);
       CREATE INDEX ON posts (author_id); CREATE INDEX ON posts (editor_id); INSERT INTO posts VALUES (1, 9, 2);
       CREATE TABLE comments (id int, post_id int REFERENCES posts); INSERT INTO comments VALUES (1, 1)`,
    )
    expect(await cleanup()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'Rows of public.comments refer to rows of public.posts that the policy sessions would delete',
      ),
    })
    await database.sql`DELETE FROM comments`
    const planned = await ops(['cleanup', '--dry-run', '--json', '--url', database.url], { cwd: root })
    expect(documentOf(planned)).toMatchObject({
      policies: [
        {
          cascades: [
            { table: 'public.tabs', onDelete: 'CASCADE' },
            { table: 'public.posts', onDelete: 'CASCADE' },
          ],
        },
      ],
    })
  })

  it('comes to the end of a million ways', async () => {
    const { cleanup } = await cleaning(
      newestMajor(),
      policies,
      `${SESSIONS}; CREATE TABLE level_0 (id int PRIMARY KEY REFERENCES sessions ON DELETE CASCADE);
       DO $$ BEGIN FOR n IN 1..20 LOOP
         EXECUTE format('CREATE TABLE level_%1$s (id int PRIMARY KEY REFERENCES level_%2$s ON DELETE CASCADE,
           also int UNIQUE REFERENCES level_%2$s ON DELETE CASCADE)', n, n - 1);
       END LOOP; END $$;
       CREATE TABLE last (id int, level int REFERENCES level_20 ON DELETE CASCADE)`,
    )
    expect(await cleanup()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('would read all of public.last'),
    })
  })

  it('asks a key of one partition for the rows of that partition', async () => {
    const { cleaned } = await cleaning(
      newestMajor(),
      policies,
      `${SESSIONS}; CREATE TABLE views (id int, tab_id int, kind int) PARTITION BY LIST (kind);
       CREATE TABLE views_1 PARTITION OF views FOR VALUES IN (1); CREATE TABLE views_2 PARTITION OF views FOR VALUES IN (2);
       ALTER TABLE views_1 ADD FOREIGN KEY (tab_id) REFERENCES tabs; INSERT INTO views VALUES (1, 8, 1), (2, 3, 2)`,
    )
    expect((await cleaned()).policies).toMatchObject([{ deleted: 4, cascaded: 4 }])
  })

  it('finds its way through tables that refer to themselves', async () => {
    const { database, cleaned } = await cleaning(
      newestMajor(),
      { pages: { table: 'pages', column: 'at', olderThan: '0s' } },
      `CREATE TABLE pages (id int PRIMARY KEY, parent int REFERENCES pages ON DELETE CASCADE, at timestamptz);
       CREATE INDEX ON pages (parent); CREATE INDEX ON pages (at);
       INSERT INTO pages VALUES (1, NULL, '2020-01-01'), (2, 1, '2999-01-01'), (3, 2, '2999-01-01'), (4, NULL, NULL), (5, 4, NULL)`,
    )
    expect((await cleaned()).policies).toMatchObject([{ deleted: 1, cascaded: 2 }])
    expect(await database.sql`SELECT id FROM pages ORDER BY id`).toEqual([{ id: 4 }, { id: 5 }])
  })
})

/** As if a look at `notes` took too long: whoever is not the owner is told so by each row. */
const refusing = (state: string) =>
  `CREATE FUNCTION looked() RETURNS boolean LANGUAGE plpgsql AS
     $$ BEGIN RAISE 'canceling statement' USING ERRCODE = '${state}'; END $$;
   ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY slow ON notes USING (looked()); GRANT SELECT ON notes TO public`

it.each([
  ['the role may not look', ''],
  ['a look takes too long', refusing('57014')],
  ['somebody has locked all', refusing('55P03')],
])('leaves it to the server whether rows refer where %s', async (_, setUp) => {
  const { database, root } = await cleaning(
    newestMajor(),
    policies,
    `${SESSIONS}; CREATE TABLE notes (id int, session_id int REFERENCES sessions); ${setUp}`,
  )
  const role = await freshRole('password')
  await database.sql.unsafe(`GRANT SELECT, DELETE ON sessions TO ${role.name}`)
  const url = new URL(database.url)
  url.username = role.name
  url.password = role.password
  const cleanup = () => ops(['cleanup', '--yes', '--json', '--url', url.href], { cwd: root })

  await database.sql`INSERT INTO notes VALUES (1, 2)`
  const refused = await cleanup()
  expect(refused.code).toBe(1)
  expect(documentOf(refused)).toMatchObject({ error: { sqlstate: '23503' }, policies: [] })
  expect(await database.sql`SELECT FROM sessions`).toHaveLength(9)

  await database.sql`DELETE FROM notes`
  expect(documentOf(await cleanup())).toMatchObject({ policies: [{ deleted: 4, cascaded: 4 }] })
})
