import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Options, type PostgresType } from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { urlOf } from './support/address.ts'
import { certificates } from './support/certificates.ts'
import { clone, template } from './support/databases.ts'
import { freshRole } from './support/roles.ts'
import { isInstalled, nodeBinary, nodeMajors } from './support/runtimes.ts'
import { startServer } from './support/servers.ts'
import { majors, newestMajor, sharedServer } from './support/shared-servers.ts'
import { runScript } from './support/spawn.ts'

const blog = template('blog', async ({ sql }) => {
  await sql`CREATE TYPE mood AS ENUM ('sad', 'ok')`
  await sql`CREATE TABLE posts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, mood mood)`
  await sql`INSERT INTO posts (title) VALUES ('first')`
})

const changes = [
  'CREATE SCHEMA blog',
  'ALTER TABLE posts ALTER title SET DEFAULT now()::text',
  'ALTER TABLE posts ALTER title DROP NOT NULL',
  'ALTER TABLE posts ALTER title TYPE varchar(80)',
  'ALTER TABLE posts ADD CHECK (length(title) < 80)',
  'ALTER TABLE posts ADD CONSTRAINT self FOREIGN KEY (id) REFERENCES posts NOT VALID',
  'ALTER TABLE posts VALIDATE CONSTRAINT self',
  'ALTER TABLE posts DISABLE TRIGGER ALL',
  'ALTER TABLE posts ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE posts RENAME CONSTRAINT posts_pkey TO posts_key',
  'CREATE INDEX ON posts (lower(title)) WHERE id > 0',
  'ALTER SEQUENCE posts_id_seq CACHE 10',
  "ALTER TYPE mood ADD VALUE 'happy' BEFORE 'ok'",
  'CREATE DOMAIN word AS text',
  'CREATE VIEW titles AS SELECT title FROM posts',
  "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  'CREATE TRIGGER t BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  'CREATE POLICY mine ON posts USING (id = 1)',
  "COMMENT ON COLUMN posts.title IS 'shown'",
  'GRANT SELECT ON posts TO PUBLIC',
  'CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)',
]

describe.each(majors())('PostgreSQL %i', major => {
  const url = urlOf(sharedServer(major))
  const trusting = (file: string) => ({ ca: readFileSync(file, 'utf8') })

  test('answers as that version', async () => {
    expect(await ask(url, "current_setting('server_version_num')::int / 10000")).toBe(major)
  })

  test('answers on its Unix socket', async () => {
    const { socketDirectory } = sharedServer(major)
    expect(
      await ask(url, 'inet_server_addr()', {
        path: `${socketDirectory}/.s.PGSQL.${sharedServer(major).port}`,
      }),
    ).toBe(null)
  })

  test('speaks TLS to who trusts its authority', async () => {
    const encrypted = '(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())'
    expect(await ask(url, encrypted, { ssl: trusting(certificates.ca) })).toBe(true)
    expect(await ask(url, encrypted)).toBe(false)
    await expect(ask(url, encrypted, { ssl: trusting(certificates.unrelatedCa) })).rejects.toThrow(
      'unable to verify the first certificate',
    )
  })

  test('refuses a role that needs TLS without it', async () => {
    const { name } = await freshRole('tls', major)
    const asRole = urlOf(sharedServer(major), 'postgres', name)
    expect(await ask(asRole, 'current_user', { ssl: trusting(certificates.ca) })).toBe(name)
    await expect(ask(asRole, 'current_user')).rejects.toMatchObject({ code: '28000' })
  })

  test('asks a role that needs a password for it', async () => {
    const { name, password } = await freshRole('password', major)
    const asRole = urlOf(sharedServer(major), 'postgres', name)
    expect(await ask(asRole, 'current_user', { password })).toBe(name)
    await expect(ask(asRole, 'current_user', { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' })
  })

  test('clones a template with its rows, each clone apart from the next', async () => {
    const [one, other] = [await clone(blog, major), await clone(blog, major)]
    await one.sql`DELETE FROM posts`
    expect(await one.sql`SELECT title FROM posts`).toEqual([])
    expect(await other.sql`SELECT title FROM posts`).toEqual([{ title: 'first' }])
  })

  test('dumps equal databases alike', async () => {
    const [one, other] = [await clone(blog, major), await clone(blog, major)]
    await one.sql`INSERT INTO posts (title) VALUES ('second')`
    expect(await one.dump()).toBe(await other.dump())
    expect(await one.dump()).toContain('public.posts')
  })

  test('dumps every change of the schema', async () => {
    const database = await clone(blog, major)
    let before = await database.dump()
    for (const change of changes) {
      await database.sql.unsafe(change)
      const after = await database.dump()
      expect(after, change).not.toBe(before)
      before = after
    }
  })
})

test('starts a server of its own, with other settings, that comes back after a crash', async () => {
  const server = await startServer({
    major: newestMajor(),
    tls: false,
    settings: { cluster_name: "it's" },
  })
  onTestFinished(() => server.stop())
  await expect(ask(server.url(), '1', { ssl: 'require' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  const { pid } = server
  await server.restart('immediate')
  expect(server.pid).not.toBe(pid)
  expect(await ask(server.url(), "current_setting('cluster_name')")).toBe("it's")
  expect(readFileSync(server.logFile, 'utf8')).toContain('database system was not properly shut down')
})

test('leaves nothing of a server that was stopped', async () => {
  const server = await startServer({ major: newestMajor() })
  await server.stop()
  expect(existsSync(server.socketDirectory)).toBe(false)
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
})

describe('runScript', async () => {
  test('captures both streams and the exit code', async () => {
    const script = await scriptOf("console.log(process.argv[2]); console.error('oh'); process.exitCode = 3")
    expect(await runScript(script, ['one two'])).toEqual({
      stdout: 'one two\n',
      stderr: 'oh\n',
      code: 3,
      signal: null,
    })
  })

  test('gives the program its input and no more of our environment than it needs', async () => {
    const script = await scriptOf(
      'process.stdin.pipe(process.stdout); console.log(Object.keys(process.env).sort().join())',
    )
    const { stdout } = await runScript(script, [], { stdin: 'typed', env: { ANSWER: '42' } })
    expect(stdout).toBe('ANSWER,HOME,PATH\ntyped')
  })

  test('sends a signal once the program has said something', async () => {
    const script = await scriptOf("setInterval(() => console.log('working'), 10)")
    const { stdout, signal } = await runScript(script, [], {
      signalAfter: { signal: 'SIGTERM', seen: /working/ },
    })
    expect(stdout).toContain('working')
    expect(signal).toBe('SIGTERM')
  })

  test('ends a program that hangs', async () => {
    const script = await scriptOf("console.log('stuck'); setInterval(() => {}, 1000)")
    await expect(runScript(script, [], { timeout: 3000 })).rejects.toThrow(
      'Not finished after 3000 ms:\nstuck',
    )
  })

  test.each(await installedNodes())('runs on Node %i', async major => {
    const script = await scriptOf('console.log(process.version)')
    const { stdout } = await runScript(script, [], { node: await nodeBinary(major) })
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`))
  })
})

async function ask(url: string, expression: string, options: Options<Record<string, PostgresType>> = {}) {
  const sql = postgres(url, { ...options, max: 1, fetch_types: false })
  try {
    const [row] = await sql.unsafe<{ answer: unknown }[]>(`SELECT ${expression} AS answer`)
    return row?.answer
  } finally {
    await sql.end()
  }
}

async function scriptOf(code: string) {
  const folder = await mkdtemp(join(tmpdir(), 'script-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'script.mjs')
  await writeFile(file, code)
  return file
}

async function installedNodes() {
  const found = await Promise.all(nodeMajors.map(major => isInstalled(`node${major}`)))
  return nodeMajors.filter((_, index) => found[index])
}
