import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { driftOf } from '../support/drifting.ts'
import { expectNoSecret, secret } from '../support/failures.ts'
import { migrated } from '../support/migrate.ts'
import { ops } from '../support/program.ts'
import { journalProject, type TestMigration, type TestProject } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { admin, majors, newestMajor } from '../support/shared-servers.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY, name text)' }
const only = ['--only', 'database']

async function applied(migrations: readonly TestMigration[], major = newestMajor()) {
  const database = await freshDatabase(major)
  const project = journalProject(migrations)
  await migrated(project, database)
  return { database, project }
}

function drift(project: TestProject, database: TestDatabase, ...flags: string[]) {
  return driftOf({ cwd: project.root }, ...only, '--url', database.url, ...flags)
}

/** A role that may create databases, so that only what is its own counts: other tests are at work on the server, too. */
async function creator({ url, sql }: TestDatabase, major = newestMajor()) {
  const { name } = await freshRole(undefined, major)
  await sql.unsafe(
    `ALTER ROLE ${name} CREATEDB; GRANT USAGE ON SCHEMA drizzle TO ${name}; GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO ${name}`,
  )
  return { name, url: url.replace('postgres@', `${name}@`) }
}

async function databasesOf(role: string, major = newestMajor()): Promise<string[]> {
  const rows = await admin(major)`SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = ${role}`
  return rows.map(({ datname }) => datname)
}

describe.each(majors())('on PostgreSQL %i', major => {
  it('takes a temporary database, and leaves nothing on the server', async () => {
    const { project, database } = await applied([users], major)
    const role = await creator(database, major)
    const before = await database.dump()
    const { code, document } = await drift(project, { ...database, url: role.url })
    expect([code, document.status, document.scratch]).toEqual([0, 'none', 'temporary'])
    expect(await databasesOf(role.name, major)).toEqual([])
    expect(await database.dump()).toBe(before)
  })

  it('takes the shadow, which a role needs no right to create databases for, and empties it', async () => {
    const { project, database } = await applied(
      [
        users,
        {
          name: '0001_more',
          sql: 'CREATE SCHEMA more; CREATE TYPE more.t AS ENUM (); CREATE EXTENSION citext',
        },
      ],
      major,
    )
    const shadow = await freshDatabase(major)
    const before = await shadow.dump()
    const { code, document } = await drift(project, database, '--shadow-url', shadow.url)
    expect([code, document.status, document.scratch]).toEqual([0, 'none', 'shadow'])
    expect(await shadow.dump()).toBe(before)
  })
})

it('drops the databases of killed runs, and none where somebody is at work', async () => {
  const { project, database } = await applied([users])
  const { name, url } = await creator(database)
  const sql = admin(newestMajor())
  const [left, busy] = ['left', 'busy'].map(word => `drizzle_ops_drift_${word}_${name}`)
  await sql`CREATE DATABASE ${sql(left ?? '')} OWNER ${sql(name)}`
  await sql`CREATE DATABASE ${sql(busy ?? '')} OWNER ${sql(name)}`
  const worker = connect(`${url}?application_name=${encodeURIComponent(`drizzle-ops ${busy}`)}`, 1)
  try {
    await worker`SELECT 1`
    await drift(project, { ...database, url })
    expect(await databasesOf(name)).toEqual([busy])
  } finally {
    await worker.end()
    await sql`DROP DATABASE ${sql(busy ?? '')}`
  }
})

it('drops its database when it is interrupted', async () => {
  const slow = {
    name: '0001_slow',
    sql: 'SELECT pg_sleep(CASE WHEN current_database() LIKE $$drizzle_ops%$$ THEN 20 ELSE 0 END)',
  }
  const { project, database } = await applied([users, slow])
  const { name, url } = await creator(database)
  const sleeping = () =>
    admin(newestMajor())`SELECT FROM pg_stat_activity WHERE usename = ${name} AND query LIKE '%pg_sleep%'`
  const outcome = await ops(['drift', '--json', ...only, '--url', url], {
    cwd: project.root,
    interrupt: {
      signal: 'SIGTERM',
      after: async () => {
        while ((await sleeping()).length === 0);
      },
    },
  })
  expect(outcome.code).toBe(143)
  expect(await databasesOf(name)).toEqual([])
})

it('empties a shadow that a killed run has left full', async () => {
  const { project, database } = await applied([users])
  const shadow = await freshDatabase()
  await shadow.sql.unsafe(`
    CREATE SCHEMA drizzle_ops_shadow;
    COMMENT ON SCHEMA drizzle_ops_shadow IS '{"schemas":["public"],"extensions":["plpgsql"]}';
    CREATE TABLE users (id int); CREATE SCHEMA other; CREATE TABLE other.t (id int); CREATE EXTENSION citext`)
  const { document } = await drift(project, database, '--shadow-url', shadow.url)
  expect([document.status, document.scratch]).toEqual(['none', 'shadow'])
  expect(await shadow.dump()).toBe(await (await freshDatabase()).dump())
})

it('prints no password of the shadow', async () => {
  const { project, database } = await applied([users])
  const role = await freshRole('password')
  const shadow = await freshDatabase()
  const url = (password: string) => shadow.url.replace('postgres@', `${role.name}:${password}@`)
  const wrong = secret()
  const here = { cwd: project.root }
  const flags = [...only, '--url', database.url, '--verbose', '--shadow-url']
  const outcomes = [
    await ops(['drift', ...flags, url(wrong)], here),
    await ops(['drift', '--json', ...flags, url(secret(role.password))], here),
    await ops(['drift', ...flags, `postgres://h/${secret()}@x`], here),
  ]
  for (const { stdout, stderr } of outcomes) expectNoSecret(stdout, stderr)
  expect(outcomes.map(({ code }) => code)).toEqual([3, 1, 2])
})

it('refuses a shadow that holds something, and the database itself', async () => {
  const { project, database } = await applied([users])
  const shadow = await freshDatabase()
  await shadow.sql`CREATE TABLE precious (id int)`
  const full = await drift(project, database, '--shadow-url', shadow.url)
  expect([full.code, full.document.error]).toMatchObject([
    2,
    {
      code: 'shadow-not-empty',
      message: `The shadow database ${shadow.name} is not empty: it holds 1 objects, such as the table public.precious.`,
      hint: 'Give an empty one with --shadow-url: drift fills it, and empties it again.',
    },
  ])
  const itself = await drift(project, database, '--shadow-url', database.url)
  expect([itself.code, itself.document.error?.code]).toEqual([2, 'shadow-live'])
  expect(await shadow.sql`SELECT FROM precious`).toEqual([])
})

it('does not compare across major versions', async context => {
  if (majors().length === 1) context.skip('PG_MAJORS names one version only')
  const { project, database } = await applied([users])
  const [other = newestMajor()] = majors().filter(major => major !== newestMajor())
  const shadow = await freshDatabase(other)
  const { code, document } = await drift(project, database, '--shadow-url', shadow.url)
  expect([code, document.status]).toEqual([0, 'unknown'])
  expect(document.comparisons).toEqual([
    {
      name: 'database',
      status: 'unknown',
      reason: `The shadow database is PostgreSQL ${other}, and ${database.name} is ${newestMajor()}: what they call the same thing differs.`,
      hint: `Give a --shadow-url of PostgreSQL ${newestMajor()}.`,
    },
  ])
  expect((await drift(project, database, '--shadow-url', shadow.url, '--fail-on', 'unknown')).code).toBe(4)
})

it.each(majors())(
  'serves a role that may not create databases, or says what would help, on PostgreSQL %i',
  async major => {
    const { name } = await freshRole(undefined, major)
    const policies = `ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON users TO ${name} USING (true)`
    const { project, database } = await applied([users, { name: '0001_policy', sql: policies }], major)
    // the embedded server's user has to enter it
    chmodSync(project.root, 0o755)
    await database.sql.unsafe(
      `GRANT USAGE ON SCHEMA drizzle TO ${name}; GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO ${name}`,
    )
    const url = database.url.replace('postgres@', `${name}@`)
    const { code, document } = await drift(project, { ...database, url })
    expect(code, JSON.stringify(document.error)).toBe(0)
    if (major === 18) expect([document.status, document.scratch]).toEqual(['none', 'embedded'])
    else
      expect(document.comparisons).toEqual([
        {
          name: 'database',
          status: 'unknown',
          reason: `There is no place to build what the migrations make: ${name} may not create databases, and the embedded server is PostgreSQL 18 (needed: ${major}).`,
          hint: `Give an empty database of PostgreSQL ${major} with --shadow-url, or let the role create databases (ALTER ROLE … CREATEDB).`,
        },
      ])
  },
)

it('is unknown where a migration does not run on an empty database', async () => {
  const { project, database } = await applied([
    users,
    {
      name: '0001_rows',
      sql: "DO $$ BEGIN IF current_database() LIKE 'drizzle_ops%' THEN RAISE 'no rows'; END IF; END $$",
    },
  ])
  const { code, document } = await drift(project, database)
  expect(code).toBe(0)
  expect(document.comparisons).toMatchObject([{ name: 'database', status: 'unknown' }])
  expect(document.comparisons[0]?.reason).toMatch(/^0001_rows does not run on an empty database: .*no rows/s)
})

it('never lets a migration reach beyond the scratch database', async () => {
  const { name } = await freshRole()
  const { project, database } = await applied([
    users,
    {
      name: '0001_server',
      sql: `CREATE ROLE ${name}_made; --> statement-breakpoint
        ALTER ROLE ${name} CONNECTION LIMIT 5; GRANT ${name}_made TO ${name}; CREATE TABLE posts (id int);
        GRANT SELECT ON posts TO ${name}_made; --> statement-breakpoint
        COMMENT ON ROLE ${name} IS 'made'; DO $$ BEGIN CREATE ROLE ${name}_done; END $$`,
    },
  ])
  const sql = admin(newestMajor())
  await sql.unsafe(
    `ALTER ROLE ${name} CONNECTION LIMIT 7; COMMENT ON ROLE ${name} IS 'kept'; REVOKE ${name}_made FROM ${name}`,
  )
  const { document } = await drift(project, database, '--grants')
  expect([document.status, document.differences, document.comparisons]).toMatchObject([
    'none',
    [],
    [{ reason: null }],
  ])
  const [role] = await sql`
    SELECT rolconnlimit, shobj_description(oid, 'pg_authid') AS comment,
           (SELECT count(*)::int FROM pg_auth_members WHERE member = pg_roles.oid) AS groups
    FROM pg_roles WHERE rolname = ${name}`
  expect(role).toEqual({ rolconnlimit: 7, comment: 'kept', groups: 0 })
})
