import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { expect } from 'vitest'
import { type Database, withDatabase } from '../../src/database/database.ts'
import type { CheckResult } from '../../src/health/examine.ts'
import type { IgnoreUse } from '../../src/health/suppress.ts'
import { parseUrl } from '../../src/project/url.ts'
import { afterFile, afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import type { Settings } from './configuration.ts'
import { contextWith } from './context.ts'
import { documentOf, emptyFolder, ops } from './program.ts'
import { type TestProject, write } from './project.ts'
import type { PostgresMajor } from './runtimes.ts'
import { startServer, type TestServer } from './servers.ts'

export interface HealthDocument {
  readonly status: string
  readonly checks: readonly CheckResult[]
  readonly ignores: readonly IgnoreUse[]
}

/** A server of the file's own on which nothing but a test's own doing is unhealthy. */
export async function healthyServer(major: PostgresMajor, settings: Settings = {}): Promise<TestServer> {
  const server = await startServer({
    major,
    settings: {
      fsync: true,
      full_page_writes: true,
      // statistics change only when a test says so
      autovacuum_naptime: '1d',
      max_prepared_transactions: 5,
      wal_level: 'logical',
      ...settings,
    },
  })
  afterFile(() => server.stop('immediate'))
  return server
}

export interface OwnDatabase {
  readonly name: string
  readonly url: string
  readonly sql: Sql
  /** The same database as another role. */
  as(role: string): string
  /** A session of its own, which may have a transaction open. */
  session(): Sql
}

/** An empty database on such a server. */
export async function ownDatabase(server: TestServer): Promise<OwnDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = connect(server.url(), 1)
  await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`)
  await admin.end()
  const url = server.url(name)
  const sql = connect(url)
  const sessions: Sql[] = []
  const session = () => {
    const own = connect(url, 1)
    sessions.push(own)
    return own
  }
  afterTest(async () => {
    for (const each of [sql, ...sessions]) await each.end({ timeout: 0 })
    const last = connect(server.url(), 1)
    await last.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await last.end()
  })
  return { name, url, sql, as: role => server.url(name, role), session }
}

/** The exit code and the document of `health --deep`, from a folder without a project unless one is given. */
export async function deepHealth(
  url: string,
  flags: readonly string[] = [],
  project?: TestProject,
): Promise<HealthDocument & { readonly code: number }> {
  const outcome = await ops(['health', '--deep', '--json', '--timeout', '60s', ...flags, '--url', url], {
    cwd: project?.root ?? emptyFolder(),
  })
  expect(outcome.stderr).toBe('')
  return { code: outcome.code, ...documentOf<HealthDocument>(outcome) }
}

/** What a finding is known by. */
export const told = (
  id: string,
  status: string,
  object: string | null,
  message: string,
  fix: string | null,
) => expect.objectContaining({ id, status, object, message, fix })

/** A project that says nothing but thresholds. */
export function configured(thresholds: object): TestProject {
  const root = emptyFolder()
  write(join(root, 'package.json'), '{"type":"module"}')
  write(join(root, 'drizzle/meta/_journal.json'), '{"version":"7","dialect":"postgresql","entries":[]}')
  write(
    join(root, 'drizzle.config.mjs'),
    `export default { dialect: 'postgresql' }\nexport const ops = ${JSON.stringify({ health: { thresholds } })}\n`,
  )
  return { root, out: join(root, 'drizzle') }
}

/** What is told of that is not healthy. How old this server's version is, is not the test's to say. */
export async function problemsOf(url: string, flags: readonly string[] = [], project?: TestProject) {
  const { checks } = await deepHealth(url, flags, project)
  return problemsIn(checks)
}

export function problemsIn(checks: readonly CheckResult[]): CheckResult[] {
  return checks.filter(({ id, status }) => status !== 'ok' && status !== 'skipped' && id !== 'version')
}

/** A connection as commands have one, to ask the catalog by. */
export async function asked<T>(url: string, question: (database: Database) => Promise<T>): Promise<T> {
  const settings = { statementTimeout: 10_000, lockTimeout: 100, readOnly: true }
  return withDatabase(
    contextWith({}),
    parseUrl(url, 'a test', 'postgres'),
    { command: 'test', settings },
    question,
  )
}

/** Each statement in a session that ends at once: counters are handed in then, and not after an ANALYZE. */
export async function alone(url: string, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    const sql = connect(url, 1)
    await sql.unsafe(statement)
    await sql.end()
  }
}

/** Counters arrive a moment after the session that counted; `look` is asked again until they have. */
export async function untilCounted<T>(look: () => Promise<T>, expected: unknown): Promise<void> {
  await expect.poll(look, { interval: 100, timeout: 10_000 }).toEqual(expected)
}
