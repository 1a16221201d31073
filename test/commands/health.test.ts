import { afterEach, describe, expect, it, vi } from 'vitest'
import { CHECK_IDS } from '../../src/health/ids.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import { failure, told, withSecret } from '../support/failures.ts'
import { freePort } from '../support/port.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { emptyProject, journalProject, type TestProject, writeJournal } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { startServer } from '../support/servers.ts'
import { majors, newestMajor, sharedServer } from '../support/shared-servers.ts'
import { startStandby } from '../support/standby.ts'

interface Check {
  readonly id: string
  readonly status: string
  readonly object: string | null
  readonly value: number | string | null
  readonly message: string
  readonly fix: string | null
}

interface HealthDocument {
  readonly status: string
  readonly checks: readonly Check[]
  readonly server: object
}

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int);' }
const posts = { name: '0001_posts', sql: 'CREATE TABLE posts (id int);' }
const ENDS: Record<number, string> = {
  14: '2026-11-12',
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
}

afterEach(() => vi.useRealTimers())

/** The exit code and the document of `health`, from a folder without a project unless one is given. */
async function healthOf(url: string, flags: readonly string[] = [], project?: TestProject) {
  const outcome = await ops(['health', '--json', ...flags, '--url', url], {
    cwd: project?.root ?? emptyFolder(),
  })
  return { code: outcome.code, ...documentOf<HealthDocument>(outcome) }
}

async function checkOf(id: string, url: string, project?: TestProject) {
  const { code, checks } = await healthOf(url, ['--only', id], project)
  expect(checks.map(check => check.id)).toEqual([id])
  return { code, ...checks[0] }
}

describe.each(majors())('health on PostgreSQL %i', major => {
  it('is ok, in one document', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-06-01') })
    const database = await freshDatabase(major)
    const project = journalProject([users])
    await migrated(database.url, project)
    const outcome = await ops(['health', '--json', '--url', database.url], { cwd: project.root })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    const version = expect.stringMatching(new RegExp(`^${major}\\.\\d+$`))
    const check = (id: string, facts: object) => ({
      id,
      status: 'ok',
      object: null,
      value: null,
      unit: null,
      thresholds: null,
      fix: null,
      evidence: [],
      drizzle: null,
      suppressed: null,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      ...facts,
    })
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: {
        name: database.name,
        host: '127.0.0.1',
        port: sharedServer(major).port,
        user: 'postgres',
        source: '--url',
      },
      status: 'ok',
      checks: [
        check('connect', {
          value: expect.any(Number),
          unit: 'ms',
          thresholds: { warn: 250, critical: 1000 },
          message: expect.stringMatching(/^Answered in \d+ ms \(tcp [\d.]+, session [\d.]+\)\.$/),
        }),
        check('version', {
          object: expect.stringMatching(new RegExp(`^PostgreSQL ${major}\\.\\d+$`)),
          value: expect.any(Number),
          message: expect.stringMatching(
            new RegExp(`^PostgreSQL ${major}\\.\\d+, supported until ${ENDS[major]}\\.$`),
          ),
        }),
        check('role', { value: 'primary', message: 'A primary that takes writes.' }),
        check('tls', { value: 'off', message: 'Not encrypted, but it does not leave this machine.' }),
        check('migrations', { value: 0, unit: 'migrations', message: 'All migrations are applied (1).' }),
        check('connections', {
          value: expect.any(Number),
          unit: 'ratio',
          thresholds: { warn: 0.8, critical: 0.95 },
          message: expect.stringMatching(/^\d+ of 97 usable connections are taken\.$/),
        }),
      ],
      ignores: [],
      server: { version, role: 'primary', tls: false, pooler: 'none' },
      ms: expect.any(Number),
      failOn: 'critical',
      nagios: false,
    })
  })

  it('is shown as a table and as rows', async () => {
    const { url } = await freshDatabase(major)
    const flags = ['--only', 'role,tls', '--url', url]
    const table = await ops(['health', ...flags])
    expect(table.stdout.replace(/[\d.]+ms/, '1ms')).toBe(
      [
        'status  check  finding',
        'ok      role   A primary that takes writes.',
        'ok      tls    Not encrypted, but it does not leave this machine.',
        'ok (2 checks in 1ms)',
        '',
      ].join('\n'),
    )
    const csv = await ops(['health', '--format', 'csv', ...flags])
    expect(csv.stdout).toBe(
      'status,id,message\r\nok,role,A primary that takes writes.\r\nok,tls,"Not encrypted, but it does not leave this machine."\r\n',
    )
    const ndjson = await ops(['health', '--format', 'ndjson', '--only', 'role', '--url', url])
    expect(JSON.parse(ndjson.stdout)).toEqual({
      id: 'role',
      status: 'ok',
      object: null,
      value: 'primary',
      unit: null,
      fix: null,
      message: 'A primary that takes writes.',
      fingerprint: '1a5ec5fca49e16f2',
    })
  })

  it('warns of a version without fixes', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-01-01') })
    const { url } = await freshDatabase(major)
    expect(await checkOf('version', url)).toMatchObject({
      code: 0,
      status: 'warn',
      message: expect.stringMatching(
        new RegExp(`^PostgreSQL ${major}\\.\\d+ has had no fixes since ${ENDS[major]}\\.$`),
      ),
      fix: 'Upgrade to a supported major version.',
    })
  })

  it('warns of a role whose sessions are read-only', async () => {
    const { name } = await freshRole(undefined, major)
    const database = await freshDatabase(major)
    await database.sql.unsafe(`ALTER ROLE ${name} SET default_transaction_read_only = on`)
    expect(await checkOf('role', database.url.replace('postgres@', `${name}@`))).toMatchObject({
      code: 0,
      status: 'warn',
      value: 'primary',
      message: 'A primary, but sessions of this role are read-only.',
      fix: 'See default_transaction_read_only of the role and the database.',
    })
  })

  it('warns of a connection that others can read', async () => {
    const { url } = await freshDatabase(major)
    // where a listening socket takes its connections on this machine, too, but not by a name for it
    const elsewhere = url.replace('127.0.0.1', '0.0.0.0')
    expect(await checkOf('tls', `${elsewhere}?sslmode=disable`)).toMatchObject({
      code: 0,
      status: 'warn',
      value: 'off',
      message: 'What is sent to 0.0.0.0 can be read on the way: the connection is not encrypted.',
      fix: 'Add ?sslmode=require to the URL.',
    })
    expect(await checkOf('tls', `${elsewhere}?sslmode=require`)).toMatchObject({
      status: 'ok',
      value: 'on',
      message: 'The connection is encrypted.',
    })
  })

  it('warns of pending migrations', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([users, posts])
    expect(await checkOf('migrations', url, project)).toMatchObject({
      code: 0,
      status: 'warn',
      object: '0000_users',
      value: 2,
      message: '2 of 2 migrations are not in order: 0000_users (pending), 0001_posts (pending).',
      fix: 'drizzle-ops migrate',
    })
  })

  it('warns of a late migration, which migrate alone would refuse', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([users, { ...posts, when: Date.parse('2026-01-02') }])
    await migrated(url, project)
    writeJournal(project, [
      users,
      { name: '0001_late', sql: 'CREATE TABLE late (id int);', when: Date.parse('2026-01-01T12:00Z') },
      { ...posts, when: Date.parse('2026-01-02') },
    ])
    expect(await checkOf('migrations', url, project)).toMatchObject({
      code: 0,
      status: 'warn',
      message: '1 of 3 migrations is not in order: 0001_late (late).',
      fix: 'drizzle-ops status',
    })
  })

  it('is critical of an edited migration', async () => {
    const { url } = await freshDatabase(major)
    const project = journalProject([users, posts])
    await migrated(url, project)
    writeJournal(project, [users, { ...posts, sql: 'CREATE TABLE posts (id bigint);' }])
    expect(await checkOf('migrations', url, project)).toMatchObject({
      code: 4,
      status: 'critical',
      object: '0001_posts',
      value: 1,
      message: '1 of 2 migrations is not in order: 0001_posts (edited).',
      fix: 'drizzle-ops status',
    })
  })

  it('knows nothing of migrations without a project', async () => {
    const { url } = await freshDatabase(major)
    expect(await checkOf('migrations', url)).toMatchObject({
      code: 0,
      status: 'skipped',
      message: 'No drizzle config was found, so there are no migrations to compare.',
    })
  })

  it('does not take for healthy what it cannot see, and prints the GRANT', async () => {
    const { name } = await freshRole(undefined, major)
    const database = await freshDatabase(major)
    const project = journalProject([users])
    await migrated(database.url, project)
    const url = database.url.replace('postgres@', `${name}@`)
    expect(await checkOf('migrations', url, project)).toMatchObject({
      code: 0,
      status: 'unknown',
      message: `Could not be seen: ${name} may not read drizzle's history, drizzle.__drizzle_migrations.`,
      fix: `As its owner: GRANT USAGE ON SCHEMA "drizzle" TO "${name}"; GRANT SELECT ON "drizzle"."__drizzle_migrations" TO "${name}".`,
    })
    const all = await healthOf(url, ['--skip', 'version', '--fail-on', 'unknown'], project)
    expect(all).toMatchObject({ code: 4, status: 'unknown' })
    const { stdout } = await ops(['health', '--only', 'migrations,role', '--url', url], { cwd: project.root })
    expect(stdout).toMatch(/^unknown {2}migrations {2}Could not be seen: /m)
    expect(stdout).toMatch(/^unknown \(2 checks in /m)
  })

  it('does not take a folder that is not there for healthy', async () => {
    const { url } = await freshDatabase(major)
    const project = emptyProject()
    expect(await checkOf('migrations', url, project)).toMatchObject({
      code: 0,
      status: 'unknown',
      message: `Could not be seen: The migrations folder ${project.out} does not exist.`,
      fix: 'Correct out in the config, or make the first migration: drizzle-ops generate.',
    })
  })

  it('runs the checks of --only, less those of --skip', async () => {
    const { url } = await freshDatabase(major)
    const { checks } = await healthOf(url, ['--only', 'tls,role', '--only', 'version', '--skip', 'tls'])
    expect(checks.map(({ id }) => id)).toEqual(['version', 'role'])
    expect(await failure(['health', '--only', 'tls,speed', '--url', withSecret(url)])).toEqual(
      told({
        exit: 2,
        code: 'usage',
        message: 'There is no check speed.',
        hint: `The checks are ${CHECK_IDS.join(', ')}.`,
      }),
    )
  })

  it.each([
    ['critical', 0],
    ['warn', 4],
    ['unknown', 0],
  ])('with a warning --fail-on %s exits with %i', async (level, code) => {
    const { url } = await freshDatabase(major)
    const project = journalProject([users])
    const outcome = await healthOf(url, ['--only', 'migrations', '--fail-on', level], project)
    expect(outcome).toMatchObject({ code, status: 'warn' })
  })

  it('does not look at what the time is not enough for', async () => {
    const { url } = await freshDatabase(major)
    const { code, status, checks } = await healthOf(url, ['--timeout', '0'])
    expect({ code, status }).toEqual({ code: 0, status: 'unknown' })
    expect(checks.map(({ status, message }) => `${status}: ${message}`)).toEqual(
      Array.from({ length: 6 }, () => 'unknown: Not looked at: the checks took longer than 0s.'),
    )
  })

  it('writes nothing', async () => {
    const database = await freshDatabase(major)
    const before = await database.dump()
    await healthOf(database.url, [], journalProject([users]))
    expect(await database.dump()).toBe(before)
  })
})

it('is ok on a standby', async () => {
  const standby = await startStandby(async () => undefined)
  const { server, ...rest } = await healthOf(standby.url())
  expect(server).toMatchObject({ role: 'standby' })
  expect(rest.checks.find(({ id }) => id === 'role')).toMatchObject({
    status: 'ok',
    value: 'standby',
    message: 'A standby: it takes no writes.',
  })
})

it.each([
  ['warn', 8, 0],
  ['critical', 9, 4],
] as const)('is %s where %i of 10 connections are taken by others', async (status, others, code) => {
  const server = await startServer({
    major: newestMajor(),
    settings: { max_connections: 13, superuser_reserved_connections: 3, autovacuum: false },
  })
  afterTest(() => server.stop('immediate'))
  const idle = connect(server.url(), others)
  await Promise.all(Array.from({ length: others }, () => idle`SELECT pg_sleep(0.2)`))
  const found = await checkOf('connections', server.url())
  await idle.end()
  expect(found).toMatchObject({
    code,
    status,
    value: (others + 1) / 10,
    message: `${others + 1} of 10 usable connections are taken.`,
    fix: 'Close idle sessions, put a pooler in front, or raise max_connections.',
  })
})

it('is critical where the server cannot be reached', async () => {
  const port = await freePort()
  const url = withSecret(`postgres://app@127.0.0.1:${port}/app`)
  const message = `Nothing listens at 127.0.0.1:${port}.`
  const hint = 'Start PostgreSQL there, or correct the host and the port in --url.'
  expect(await failure(['health', '--url', url])).toEqual(
    told({
      exit: 3,
      code: 'connection-refused',
      message,
      hint,
      known: {
        status: 'critical',
        checks: [
          {
            id: 'connect',
            status: 'critical',
            object: null,
            value: null,
            unit: null,
            thresholds: null,
            message,
            fix: hint,
            evidence: [],
            drizzle: null,
            suppressed: null,
            fingerprint: '46061fb455962f65',
          },
        ],
      },
    }),
  )
})

async function migrated(url: string, { root }: TestProject): Promise<void> {
  expect(await ops(['migrate', '--url', url], { cwd: root })).toMatchObject({ code: 0 })
}
