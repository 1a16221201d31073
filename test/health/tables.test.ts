import { beforeAll, describe, expect, it } from 'vitest'
import { unusedIndexes } from '../../src/catalog/index-stats.ts'
import { ORDINARY } from '../../src/catalog/scope.ts'
import { judgeUnused } from '../../src/health/indexes.ts'
import {
  alone,
  asked,
  deepHealth,
  healthyServer,
  ownDatabase,
  problemsOf,
  told,
  untilCounted,
} from '../support/health.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('tables on PostgreSQL %i', major => {
  let server: TestServer
  beforeAll(async () => {
    server = await healthyServer(major)
  })

  it('an empty database is healthy', async () => {
    const { url } = await ownDatabase(server)
    expect(await problemsOf(url)).toEqual([])
  })

  it('an index whose building failed warns, and its valid twin is not redundant', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, title text)`
    await sql`INSERT INTO posts SELECT i, 'same' FROM generate_series(1, 3) AS i`
    await sql`CREATE INDEX posts_title_idx ON posts (title)`
    await expect(
      sql`CREATE UNIQUE INDEX CONCURRENTLY posts_title_key ON posts (title)`,
    ).rejects.toMatchObject({ code: '23505' })
    expect(await problemsOf(url)).toEqual([
      told(
        'invalid-indexes',
        'warn',
        'public.posts_title_key',
        'posts_title_key on public.posts is not valid: no query uses it. A CREATE INDEX CONCURRENTLY did not come to its end.',
        'REINDEX INDEX CONCURRENTLY "public"."posts_title_key"; or DROP INDEX CONCURRENTLY and create it again.',
      ),
    ])
  })

  it('an invalid index that every write keeps up is critical', async () => {
    const { url, sql, session } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, title text)`
    const reader = session()
    await reader`BEGIN ISOLATION LEVEL REPEATABLE READ`
    await reader`SELECT 1`
    const building = sql`CREATE INDEX CONCURRENTLY posts_title_idx ON posts (title)`.catch(
      error => error.code,
    )
    const waiting = () =>
      sql`SELECT pid FROM pg_stat_progress_create_index WHERE phase = 'waiting for old snapshots'`
    await expect.poll(waiting).toHaveLength(1)
    await sql`SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index`
    expect(await building).toBe('57014')
    await reader`ROLLBACK`
    expect(await problemsOf(url)).toEqual([
      told(
        'invalid-indexes',
        'critical',
        'public.posts_title_idx',
        'posts_title_idx on public.posts is not valid: no query uses it, yet every write keeps it up. A CREATE INDEX CONCURRENTLY did not come to its end.',
        'REINDEX INDEX CONCURRENTLY "public"."posts_title_idx"; or DROP INDEX CONCURRENTLY and create it again.',
      ),
    ])
  })

  it('an index that is being built is none, for a plain role either', async () => {
    const { url, sql, as, session } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, title text)`
    await sql.unsafe('DROP ROLE IF EXISTS visitor; CREATE ROLE visitor LOGIN').simple()
    const holder = session()
    await holder`BEGIN`
    await holder`INSERT INTO posts VALUES (1, 'open')`
    const building = sql`CREATE INDEX CONCURRENTLY posts_title_idx ON posts (title)`.execute()
    await expect
      .poll(() => sql`SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'`)
      .toHaveLength(1)
    for (const address of [url, as('visitor')]) {
      const { checks } = await deepHealth(address, ['--only', 'invalid-indexes'])
      expect(checks).toEqual([
        told(
          'invalid-indexes',
          'ok',
          'public.posts_title_idx',
          'posts_title_idx on public.posts is being built.',
          null,
        ),
      ])
    }
    await holder`ROLLBACK`
    await building
  })

  it('an index of the other direction or with other columns is not redundant; the same one is a note', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, title text, author text, body text)`
    await sql`CREATE INDEX posts_title_idx ON posts (title)`
    await sql`CREATE INDEX posts_title_desc_idx ON posts (title DESC)`
    await sql`CREATE INDEX posts_title_body_idx ON posts (title) INCLUDE (body)`
    await sql`CREATE INDEX posts_title_c_idx ON posts (title COLLATE "C")`
    await sql`CREATE INDEX posts_author_title_idx ON posts (author, title)`
    await sql`CREATE INDEX posts_title_some_idx ON posts (title) WHERE author IS NOT NULL`
    const { checks } = await deepHealth(url, ['--only', 'redundant-indexes'])
    // what includes a column covers what does not
    expect(checks).toEqual([
      told(
        'redundant-indexes',
        'ok',
        'public.posts_title_idx',
        'posts_title_idx on public.posts is the beginning of posts_title_body_idx: it costs every write and 8.0 KiB, and gives nothing.',
        'DROP INDEX CONCURRENTLY public.posts_title_idx;',
      ),
    ])
  })

  it('a large index beside its double warns, but not one that a constraint stands on', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE)`
    await alone(
      url,
      `INSERT INTO users SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 40000) AS i`,
    )
    await sql`CREATE INDEX users_email_idx ON users (email)`
    await alone(url, 'ANALYZE')
    await untilCounted(
      () => problemsOf(url),
      [
        told(
          'redundant-indexes',
          'warn',
          'public.users_email_idx',
          expect.stringMatching(
            /^users_email_idx on public\.users is the same as users_email_key: it costs every write and [\d.]+ MiB, and gives nothing\.$/,
          ),
          'DROP INDEX CONCURRENTLY public.users_email_idx;',
        ),
      ],
    )
  })

  it('a foreign key of two columns needs one index of both, in any order, valid and whole', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE teams (org int, id int, PRIMARY KEY (org, id))`
    await sql`INSERT INTO teams VALUES (1, 1)`
    const child = async (name: string) => {
      await sql.unsafe(
        `CREATE TABLE ${name} (id int PRIMARY KEY, org int, team int, kind text, FOREIGN KEY (org, team) REFERENCES teams)`,
      )
      await alone(url, `INSERT INTO ${name} SELECT i, 1, 1 FROM generate_series(1, 10000) AS i`)
    }
    for (const name of ['reversed', 'whole', 'partial', 'apart', 'bare']) await child(name)
    await sql`CREATE INDEX ON reversed (team, org, kind)`
    await sql`CREATE INDEX ON whole (org, team) WHERE org IS NOT NULL AND team IS NOT NULL`
    await sql`CREATE INDEX ON partial (org, team) WHERE kind = 'x'`
    await sql`CREATE INDEX ON apart (org)`
    await sql`CREATE INDEX ON apart (team)`
    await alone(url, 'ANALYZE')
    const unindexed = (table: string) =>
      told(
        'foreign-key-indexes',
        'warn',
        `public.${table}.${table}_org_team_fkey`,
        expect.stringMatching(
          new RegExp(
            `^public\\.${table} \\(org, team\\) has no index: each delete of a row of public\\.teams reads all of ${table} \\([\\d.]+ KiB\\)\\.$`,
          ),
        ),
        `CREATE INDEX CONCURRENTLY ON public.${table} (org, team);`,
      )
    const byName = async () =>
      (await problemsOf(url)).toSorted((one, other) => ((one.object ?? '') < (other.object ?? '') ? -1 : 1))
    await untilCounted(byName, [unindexed('apart'), unindexed('bare'), unindexed('partial')])
  })

  it('a foreign key of a small table without index is a note', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id int PRIMARY KEY)`
    await sql`CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users)`
    const { code, checks } = await deepHealth(url, ['--only', 'foreign-key-indexes'])
    expect({ code, checks }).toEqual({
      code: 0,
      checks: [
        told(
          'foreign-key-indexes',
          'ok',
          'public.posts.posts_user_id_fkey',
          'public.posts (user_id) has no index: each delete of a row of public.users reads all of posts (0 B).',
          'CREATE INDEX CONCURRENTLY ON public.posts (user_id);',
        ),
      ],
    })
  })

  it('a constraint that is not valid warns', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id int PRIMARY KEY, age int)`
    await sql`ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0) NOT VALID`
    expect(await problemsOf(url)).toEqual([
      told(
        'not-valid-constraints',
        'warn',
        'public.users.users_age_check',
        'The check constraint users_age_check of public.users is not valid: rows from before it may break it.',
        'ALTER TABLE "public"."users" VALIDATE CONSTRAINT "users_age_check";',
      ),
    ])
  })

  it.skipIf(major < 18)(
    major < 18
      ? 'NOT ENFORCED came with PostgreSQL 18'
      : 'a constraint that is not to be enforced is a note, and needs no index',
    async () => {
      const { url, sql } = await ownDatabase(server)
      await sql`CREATE TABLE users (id int PRIMARY KEY)`
      await sql`CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users NOT ENFORCED)`
      await alone(url, 'INSERT INTO posts SELECT i FROM generate_series(1, 10000) AS i', 'ANALYZE')
      const { checks } = await deepHealth(url, ['--only', 'not-valid-constraints,foreign-key-indexes'])
      expect(checks).toEqual([
        told(
          'not-valid-constraints',
          'ok',
          'public.posts.posts_user_id_fkey',
          'The foreign key constraint posts_user_id_fkey of public.posts is not enforced, as it says.',
          null,
        ),
        told('foreign-key-indexes', 'ok', null, 'Every foreign key has an index.', null),
      ])
      await untilCounted(() => problemsOf(url), [])
    },
  )

  it('a table without a primary key warns, and is critical where it is published', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE log (line text)`
    await sql`CREATE TABLE events (line text)`
    await sql`CREATE TABLE whole (line text)`
    await sql`ALTER TABLE whole REPLICA IDENTITY FULL`
    await sql`CREATE PUBLICATION feed FOR TABLE events, whole`
    const add = (table: string) => `ALTER TABLE "public"."${table}" ADD PRIMARY KEY (…);`
    const without = (table: string) =>
      `public.${table} has no primary key: a row cannot be told from its double, nor replicated.`
    expect(await problemsOf(url)).toEqual([
      told(
        'primary-keys',
        'critical',
        'public.events',
        'public.events has no primary key and is published by feed: its updates and deletes fail.',
        add('events'),
      ),
      told('primary-keys', 'warn', 'public.log', without('log'), add('log')),
      told('primary-keys', 'warn', 'public.whole', without('whole'), add('whole')),
    ])
  })

  it('an unlogged table warns', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE UNLOGGED TABLE cache (id int PRIMARY KEY)`
    expect(await problemsOf(url)).toEqual([
      told(
        'unlogged-tables',
        'warn',
        'public.cache',
        'public.cache is unlogged: a crash empties it, and no standby or backup has it.',
        'ALTER TABLE "public"."cache" SET LOGGED;',
      ),
    ])
  })

  it('an index that nothing needs and nobody reads is unused, by its size', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE)`
    await sql`CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text, body text)`
    await alone(url, `INSERT INTO posts SELECT i, NULL, 'title ' || i FROM generate_series(1, 60000) AS i`)
    await sql`CREATE INDEX posts_user_id_idx ON posts (user_id)`
    await sql`CREATE INDEX posts_title_idx ON posts (title)`
    await sql`CREATE INDEX posts_body_idx ON posts (body) WHERE body IS NOT NULL`
    await sql`ANALYZE posts`
    await sql`CREATE INDEX posts_upper_idx ON posts (upper(title))`
    await alone(url, `SELECT FROM posts WHERE upper(title) = 'TITLE 1'`)
    // what is read in one partition is read, and what no query can read is another check's
    await sql`CREATE TABLE log (at date, level int, line text) PARTITION BY RANGE (at)`
    await sql`CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`
    await sql`CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`
    await sql`CREATE INDEX log_at_idx ON log (at)`
    await sql`CREATE INDEX log_level_idx ON log (level)`
    await sql`CREATE INDEX log_line_idx ON ONLY log (line)`
    await alone(url, 'SET enable_seqscan = off; SELECT FROM log_2026 WHERE level = 1')
    const since = '2026-01-01T00:00:00Z'
    const month = { since, exact: true, ageMs: 31 * 24 * 3_600_000 }
    const unused = async () => {
      const indexes = await asked(url, database => unusedIndexes(database, ORDINARY, false))
      const found = [judgeUnused(month, indexes, { warn: 1024 ** 2, critical: null })].flat()
      return found.map(({ status, object }) => `${status} ${object}`).toSorted()
    }
    await untilCounted(unused, [
      'ok public.log_at_idx',
      'ok public.posts_body_idx',
      'warn public.posts_title_idx',
    ])
  })

  it('indexes of one name in two schemas are told apart', async () => {
    const { url, sql } = await ownDatabase(server)
    for (const schema of ['one', 'two']) {
      await sql`CREATE SCHEMA ${sql(schema)}`
      await sql`CREATE TABLE ${sql(schema)}.posts (id int PRIMARY KEY, title text)`
      await sql`CREATE INDEX posts_title_idx ON ${sql(schema)}.posts (title)`
    }
    await sql`CREATE INDEX posts_title_again_idx ON two.posts (title)`
    const { checks } = await deepHealth(url, ['--only', 'redundant-indexes'])
    expect(checks.map(({ object }) => object)).toEqual(['two.posts_title_again_idx'])
  })

  it('partitions count for the table that they are part of', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id int PRIMARY KEY)`
    await sql`CREATE TABLE log (at date, user_id int REFERENCES users) PARTITION BY RANGE (at)`
    await sql`CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`
    await sql`CREATE INDEX log_at ON log (at)`
    await sql`CREATE INDEX log_at_again ON log (at)`
    const { checks } = await deepHealth(url)
    const objects = checks.flatMap(({ id, object }) =>
      object?.startsWith('public.') ? [`${id} ${object}`] : [],
    )
    expect(objects).toEqual([
      'foreign-key-indexes public.log.log_user_id_fkey',
      'redundant-indexes public.log_at_again',
      'primary-keys public.log',
    ])
  })
})
