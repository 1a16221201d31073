import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/health/examine.ts'
import { alone, deepHealth, healthyServer, type OwnDatabase, ownDatabase } from '../support/health.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'

/** What each role cannot know of the database below, and what would let it. */
const BLIND: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  owner: {
    'idle-in-transaction': /^GRANT pg_read_all_stats TO "owner";$/,
    'long-transaction': /^GRANT pg_read_all_stats TO "owner";$/,
    'xmin-horizon': /^GRANT pg_read_all_stats TO "owner";$/,
    'statements-extension': /^GRANT pg_read_all_stats TO "owner";$/,
  },
  monitor: {
    'sequence-exhaustion': /GRANT SELECT ON ALL SEQUENCES IN SCHEMA "app" TO "monitor";/,
    'sequence-behind': /GRANT SELECT ON ALL TABLES IN SCHEMA "app" TO "monitor";/,
    retention: /GRANT SELECT ON "app"\."tokens" TO "monitor";/,
  },
  plain: {
    'idle-in-transaction': /^GRANT pg_read_all_stats TO "plain";$/,
    'long-transaction': /^GRANT pg_read_all_stats TO "plain";$/,
    'xmin-horizon': /^GRANT pg_read_all_stats TO "plain";$/,
    'statements-extension': /^GRANT pg_read_all_stats TO "plain";$/,
    'sequence-exhaustion': /GRANT SELECT ON ALL SEQUENCES IN SCHEMA "app" TO "plain";/,
    'sequence-behind': /GRANT SELECT ON ALL TABLES IN SCHEMA "app" TO "plain";/,
    retention: /GRANT SELECT ON "app"\."tokens" TO "plain";/,
  },
}

describe.each(majors())('roles on PostgreSQL %i', major => {
  let server: TestServer
  beforeAll(async () => {
    server = await healthyServer(major, { shared_preload_libraries: 'pg_stat_statements' })
  })

  it.each(Object.keys(BLIND))('%s is told what the superuser is, or that it cannot see it', async role => {
    const database = await ownDatabase(server)
    await spoilt(database)
    const session = database.session()
    await session`BEGIN ISOLATION LEVEL REPEATABLE READ`
    await session`SELECT 1`
    const all = await deepHealth(database.url)
    const own = await deepHealth(database.as(role))
    const unseen = own.checks.filter(({ status }) => status === 'unknown')
    expect(Object.fromEntries(unseen.map(({ id, fix }) => [id, fix]))).toEqual(
      Object.fromEntries(
        Object.entries(BLIND[role] ?? {}).map(([id, fix]) => [id, expect.stringMatching(fix)]),
      ),
    )
    expect(known(own.checks, role)).toEqual(known(all.checks, role))
  })

  it('a database without a fault is so for the superuser', async () => {
    const { url } = await ownDatabase(server)
    const { status, checks } = await deepHealth(url, ['--skip', 'version'])
    expect({ status, checks: checks.length }).toEqual({ status: 'ok', checks: 30 })
  })
})

/** Everything but what the role cannot know, and the connection's own. */
function known(checks: readonly CheckResult[], role: string) {
  return checks
    .filter(({ id }) => BLIND[role]?.[id] === undefined && id !== 'connect')
    .map(({ id, status, object }) => `${id} ${status} ${object}`)
}

/** One of most faults, of which a superuser's open session is another. */
async function spoilt({ sql, name, url }: OwnDatabase): Promise<void> {
  for (const role of ['owner', 'monitor', 'plain']) {
    await sql.unsafe(
      `DO $$ BEGIN CREATE ROLE ${role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    )
  }
  await sql.unsafe('GRANT pg_monitor TO monitor')
  await sql.unsafe(`ALTER DATABASE ${name} SET timezone = 'Asia/Tokyo'`)
  await sql.unsafe('CREATE EXTENSION pg_stat_statements')
  await sql.unsafe('CREATE SCHEMA app AUTHORIZATION owner')
  await sql
    .unsafe(`
      SET ROLE owner;
      CREATE TABLE app.users (id serial PRIMARY KEY, email text, at timestamp);
      CREATE TABLE app.posts (id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 100) PRIMARY KEY, user_id int REFERENCES app.users);
      CREATE TABLE app.log (line text CHECK (line <> ''));
      ALTER TABLE app.log ADD CONSTRAINT short CHECK (length(line) < 80) NOT VALID;
      CREATE UNLOGGED TABLE app.cache (id int PRIMARY KEY);
      CREATE TABLE app.tokens (id int PRIMARY KEY, expires_at timestamptz);
      INSERT INTO app.users (id) VALUES (5);
      SELECT setval('app.posts_id_seq', 95);
      CREATE INDEX users_email_idx ON app.users (email);
      CREATE INDEX users_email_again_idx ON app.users (email);
      RESET ROLE`)
    .simple()
  await alone(
    url,
    `INSERT INTO app.tokens SELECT i, now() - interval '40 days' FROM generate_series(1, 10000) AS i`,
    'ANALYZE app.tokens',
  )
}
