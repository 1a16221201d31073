import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  alone,
  deepHealth,
  healthyServer,
  type OwnDatabase,
  ownDatabase,
  problemsOf,
  told,
  untilCounted,
} from '../support/health.ts'
import { emptyProject, type TestProject, write } from '../support/project.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('rows on PostgreSQL %i', major => {
  let server: TestServer
  beforeAll(async () => {
    server = await healthyServer(major)
  })

  it('a sequence at 95 % is critical, one at 80 % warns', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE users (id serial PRIMARY KEY)`
    await sql`CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 100) PRIMARY KEY)`
    await sql`CREATE SEQUENCE round MAXVALUE 10 CYCLE`
    await sql`CREATE SEQUENCE down INCREMENT -1 MINVALUE -1000`
    await sql`SELECT setval('users_id_seq', 2040109466), setval('posts_id_seq', 81), setval('round', 10)`
    // nobody has taken a value since
    await sql`ALTER SEQUENCE down RESTART WITH -951`
    expect(await problemsOf(url)).toEqual([
      told(
        'sequence-exhaustion',
        'critical',
        'public.down',
        'The sequence public.down has given out -951 of -1000 (95 %): at the end every INSERT fails.',
        'ALTER SEQUENCE "public"."down" NO MAXVALUE NO MINVALUE;',
      ),
      told(
        'sequence-exhaustion',
        'warn',
        'public.posts_id_seq',
        'The sequence public.posts_id_seq, which fills public.posts.id, has given out 81 of 100 (80.8 %): at the end every INSERT fails.',
        'ALTER SEQUENCE "public"."posts_id_seq" NO MAXVALUE NO MINVALUE;',
      ),
      told(
        'sequence-exhaustion',
        'critical',
        'public.users_id_seq',
        'The sequence public.users_id_seq, which fills public.users.id, has given out 2040109466 of 2147483647 (95 %): at the end every INSERT fails.',
        'ALTER TABLE "public"."users" ALTER COLUMN "id" TYPE bigint; ALTER SEQUENCE "public"."users_id_seq" AS bigint;',
      ),
    ])
  })

  it('a sequence behind the column that it fills is critical, and setval mends it', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE SCHEMA "my app"`
    await sql`CREATE TABLE "my app"."order" ("Id" serial PRIMARY KEY)`
    await sql`INSERT INTO "my app"."order" ("Id") VALUES (7)`
    // ahead by one: the next value is 8
    await sql`CREATE TABLE posts (id serial PRIMARY KEY)`
    await sql`INSERT INTO posts (id) VALUES (7)`
    await sql`SELECT setval('posts_id_seq', 7)`
    const fix = `SELECT setval('"my app"."order_Id_seq"', (SELECT max("Id") FROM "my app"."order"));`
    expect(await problemsOf(url)).toEqual([
      told(
        'sequence-behind',
        'critical',
        'my app.order.Id',
        'The sequence my app.order_Id_seq gives 1 next, but my app.order.Id is at 7 already: INSERTs fail with a duplicate key.',
        fix,
      ),
    ])
    await sql.unsafe(fix)
    expect(await problemsOf(url)).toEqual([])
  })

  it('a table that was never analysed warns until it is', async () => {
    const { url, sql } = await ownDatabase(server)
    await alone(
      url,
      'CREATE TABLE posts (id int PRIMARY KEY)',
      'INSERT INTO posts SELECT generate_series(1, 10000)',
    )
    const problem = told(
      'stale-statistics',
      'warn',
      'public.posts',
      'public.posts has 10000 rows and was never analysed: the planner guesses.',
      'ANALYZE "public"."posts";',
    )
    await untilCounted(() => problemsOf(url), [problem])
    await sql`ANALYZE posts`
    await untilCounted(() => problemsOf(url), [])
    await alone(url, 'INSERT INTO posts SELECT generate_series(10001, 30000)')
    const changed =
      '20000 rows of public.posts have changed since it was analysed: the planner goes by what was.'
    await untilCounted(
      () => problemsOf(url),
      [told('stale-statistics', 'warn', 'public.posts', changed, 'ANALYZE "public"."posts";')],
    )
  })

  it('60 % dead rows warn', async () => {
    const { url } = await ownDatabase(server)
    await alone(
      url,
      'CREATE TABLE posts (id int PRIMARY KEY)',
      'INSERT INTO posts SELECT generate_series(1, 20000)',
    )
    await alone(url, 'DELETE FROM posts WHERE id <= 12000')
    await alone(url, 'ANALYZE posts')
    await untilCounted(
      () => problemsOf(url),
      [
        told(
          'autovacuum',
          'warn',
          'public.posts',
          '60 % of public.posts is dead rows (12000): every scan reads them, and autovacuum has not come by.',
          'VACUUM (ANALYZE) "public"."posts";',
        ),
      ],
    )
    await alone(url, 'VACUUM (ANALYZE) posts')
    await untilCounted(() => problemsOf(url), [])
  })

  it('a table that autovacuum leaves alone warns', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY) WITH (autovacuum_enabled = off)`
    expect(await problemsOf(url)).toEqual([
      told(
        'autovacuum',
        'warn',
        'public.posts',
        'Autovacuum is off for public.posts: its dead rows stay.',
        'ALTER TABLE "public"."posts" RESET (autovacuum_enabled);',
      ),
    ])
  })

  it('an index is not called unused before the counters are old enough', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE posts (id int PRIMARY KEY, title text)`
    await sql`CREATE INDEX posts_title_idx ON posts (title)`
    const { checks } = await deepHealth(url, ['--only', 'unused-indexes'])
    expect(checks).toEqual([
      expect.objectContaining({
        status: 'skipped',
        message: expect.stringMatching(
          /^Too early to tell: this server has counted for .+, since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, and it takes 30d\.$/,
        ),
      }),
    ])
  })

  it('rows that a policy ought to have deleted warn, whatever the zone of the session', async () => {
    const database = await ownDatabase(server)
    await database.sql`CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamp)`
    await database.sql`CREATE TABLE trash (id int PRIMARY KEY, deleted_at timestamptz)`
    await database.sql`INSERT INTO sessions VALUES (1, now() AT TIME ZONE 'UTC' - interval '6 days 20 hours')`
    await database.sql`INSERT INTO trash VALUES (1, now() - interval '36 days'), (2, 'infinity'), (3, NULL), (4, '-infinity')`
    const project = cleaning({
      sessions: { table: 'sessions', column: 'expiresAt', olderThan: '0s' },
      trash: { table: 'trash', column: 'deleted_at', olderThan: '30d' },
    })
    await database.sql.unsafe(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Tokyo'`)
    const only = ['--only', 'retention']
    expect(await problemsOf(database.url, only, project)).toEqual([])
    await database.sql`UPDATE sessions SET expires_at = expires_at - interval '5 hours'`
    expect(await problemsOf(database.url, only, project)).toEqual([
      told(
        'retention',
        'warn',
        'sessions',
        'Rows of public.sessions are overdue for 7d 1h by the policy sessions; it has never run.',
        'drizzle-ops cleanup sessions',
      ),
    ])
    await recordRun(database, 'sessions')
    expect(await problemsOf(database.url, only, project)).toEqual([
      told(
        'retention',
        'warn',
        'sessions',
        'Rows of public.sessions are overdue for 7d 1h by the policy sessions; it last ran at 2026-01-01T00:01:00Z and was stopped by max-time.',
        'drizzle-ops cleanup sessions',
      ),
    ])
  })

  it('a table full of what has expired warns where no policy deletes it', async () => {
    const { url, sql } = await ownDatabase(server)
    await sql`CREATE TABLE tokens (id int PRIMARY KEY, expires_at timestamptz)`
    await alone(
      url,
      `INSERT INTO tokens SELECT i, now() - interval '31 days' FROM generate_series(1, 9999) AS i`,
      'ANALYZE',
    )
    expect(await problemsOf(url)).toEqual([])
    await alone(url, `INSERT INTO tokens VALUES (0, now() - interval '31 days')`, 'ANALYZE')
    await untilCounted(
      () => problemsOf(url),
      [
        told(
          'retention',
          'warn',
          'public.tokens',
          '10000 rows and more of public.tokens are past their expires_at for more than 30 days, and no policy deletes them.',
          `Add a policy to ops.cleanup: tokens: { table: 'tokens', column: 'expires_at', olderThan: '30d' }.`,
        ),
      ],
    )
  })
})

function cleaning(cleanup: object): TestProject {
  const project = emptyProject()
  write(join(project.out, 'meta/_journal.json'), '{"version":"7","dialect":"postgresql","entries":[]}')
  write(
    join(project.root, 'drizzle.config.js'),
    `module.exports = { default: { dialect: 'postgresql' }, ops: ${JSON.stringify({ cleanup })} }\n`,
  )
  return project
}

async function recordRun({ sql }: OwnDatabase, policy: string): Promise<void> {
  await sql`CREATE SCHEMA drizzle`
  await sql`
    CREATE TABLE drizzle.drizzle_ops_runs (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, command text, policy text, cutoff timestamptz,
      cursor jsonb, deleted bigint, started_at timestamptz, finished_at timestamptz, stopped_by text)`
  await sql`
    INSERT INTO drizzle.drizzle_ops_runs (command, policy, deleted, started_at, finished_at, stopped_by)
    VALUES ('cleanup', ${policy}, 5, '2026-01-01T00:00Z', '2026-01-01T00:01Z', 'max-time')`
}
