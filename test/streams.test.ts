import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from './support/databases.ts'
import { expectNoSecret, withSecret } from './support/failures.ts'
import { freePort } from './support/port.ts'
import { documentOf, emptyFolder } from './support/program.ts'
import { journalProject, type TestProject } from './support/project.ts'
import { nodeBinary, nodeMajors, unavailable } from './support/runtimes.ts'
import { type Finished, type RunOptions, run } from './support/spawn.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int);' }
const posts = { name: '0001_posts', sql: 'CREATE TABLE posts (id int);' }

/** Every command that ends by itself, with the keys of its result. */
const commands = [
  { name: 'migrate', keys: ['dryRun', 'applied', 'pending', 'alreadyApplied', 'ms'] },
  { name: 'status', keys: ['layout', 'table', 'upToDate', 'counts', 'migrations'] },
  { name: 'wait', keys: ['ready', 'attempts', 'ms'] },
  { name: 'health', keys: ['status', 'checks', 'server', 'ms'] },
  { name: 'doctor', keys: ['ok', 'facts', 'problems'] },
] as const

const readers: Record<string, (stdout: string) => unknown> = {
  json: stdout => expect(Object.keys(JSON.parse(stdout)).length).toBeGreaterThan(2),
  ndjson: stdout =>
    stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
  csv: stdout => expect(stdout).toMatch(/^(?:[^\r\n]+\r\n)*$/),
  markdown: stdout => expect(stdout).toMatch(/^(?:\| |[A-Z])/),
  table: stdout => expect(stdout).toMatch(/\n$/),
}

/** Runs a command on a database, with a password in its URL that nothing may print. */
async function runOn(
  database: Pick<TestDatabase, 'url'>,
  { root }: TestProject,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const finished = await run([...args, '--url', withSecret(database.url)], { cwd: root, ...options })
  expectNoSecret(finished.stdout, finished.stderr)
  return finished
}

describe('stdout', () => {
  it.each(commands)('carries the result of $name only, in every format', async ({ name }) => {
    const database = await freshDatabase()
    const project = journalProject([users])
    for (const [format, read] of Object.entries(readers)) {
      const { code, stdout, stderr } = await runOn(database, project, [name, '--format', format])
      expect({ code, stderr }).toEqual({ code: 0, stderr: stderr && 'Applying 0000_users\n' })
      read(stdout)
    }
  })

  it.each(commands)('is one document of $name with --json, whose keys are known', async ({ name, keys }) => {
    const database = await freshDatabase()
    const project = journalProject([users, posts])
    const outcome = await runOn(database, project, [name, '--json'])
    const document = documentOf<Record<string, unknown>>(outcome)
    expect(outcome.code).toBe(0)
    expect(Object.keys(document)).toEqual(expect.arrayContaining(['schemaVersion', 'database', ...keys]))
    expect(document).toMatchObject({
      schemaVersion: 1,
      database: { name: database.name, host: '127.0.0.1', user: 'postgres', source: '--url' },
    })
    expect(Object.keys(document.database ?? {})).toEqual(['name', 'host', 'port', 'user', 'source'])
  })

  it.each([
    { command: 'migrate', known: [] },
    { command: 'status', known: [] },
    { command: 'wait --timeout 100ms', known: ['ready', 'attempts', 'ms'] },
    { command: 'health', known: ['status', 'checks'] },
  ])('is one document of $command where it fails', async ({ command, known }) => {
    const project = journalProject([users])
    const url = `postgres://app@127.0.0.1:${await freePort()}/app`
    const outcome = await runOn({ url }, project, [...command.split(' '), '--json'])
    const document = documentOf<{ error: object }>(outcome)
    expect(outcome.code).toBe(3)
    expect(Object.keys(document)).toEqual(['schemaVersion', ...known, 'error'])
    expect(Object.keys(document.error)).toEqual(['code', 'message', 'hint'])
  })

  it('is one document of doctor where it finds problems', async () => {
    const outcome = await run(['doctor', '--json'])
    expect(outcome).toMatchObject({ code: 4, stderr: '' })
    expect(Object.keys(documentOf(outcome))).toEqual(['schemaVersion', 'ok', 'facts', 'problems'])
  })

  it('is one document of dev stop, and of arguments that it does not know', async () => {
    const stopped = await run(['dev', 'stop', '--json'])
    expect(stopped).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(stopped)).toEqual({ schemaVersion: 1, stopped: false })
    for (const flag of ['--json', '--format=json', '--format=ndjson']) {
      const refused = await run(['dev', 'stop', '--now', flag])
      expect(refused).toMatchObject({ code: 2, stderr: '' })
      expect(documentOf(refused)).toMatchObject({ schemaVersion: 1, error: { code: 'usage' } })
    }
  })

  it.each(['csv', 'markdown', 'table'])('is empty where a command fails with --format %s', async format => {
    const project = journalProject([users])
    const url = `postgres://app@127.0.0.1:${await freePort()}/app`
    const outcome = await runOn({ url }, project, ['status', '--format', format])
    expect(outcome).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*\[connection-refused\]\n {2}→ .*\n$/),
    })
  })
})

describe('stderr', () => {
  it('carries no notes with --quiet, but errors', async () => {
    const database = await freshDatabase()
    const project = journalProject([users, { name: '0001_posts', sql: 'CREATE TABEL posts ();' }])
    const failed = await runOn(database, project, ['migrate', '--quiet'])
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toMatch(
      /^error: .*syntax error at or near "TABEL"\. \[syntax-error, SQLSTATE 42601\]\n/,
    )
    const noted = await runOn(database, project, ['migrate'])
    expect(noted.stderr).toMatch(/^Applying 0001_posts\nerror: /)
  })

  it('carries SQL and times with --verbose, and no values', async () => {
    const database = await freshDatabase()
    const sql = "DO $$ BEGIN RAISE NOTICE 'hello'; END $$;"
    const project = journalProject([{ name: '0000_notice', sql, when: 1_767_225_612_345 }])
    const { stderr, stdout } = await runOn(database, project, ['migrate', '--verbose', '--json'])
    expect(documentOf<{ applied: object[] }>({ stdout }).applied).toHaveLength(1)
    const lines = stderr.trimEnd().split('\n')
    expect(lines.filter(line => !/^[\d.]+m?s {2}\S/.test(line))).toEqual([
      'Applying 0000_notice',
      'NOTICE: hello',
    ])
    expect(stderr).toMatch(/^[\d.]+ms {2}INSERT INTO .* VALUES \(\$, \$\)$/m)
    expect(stderr).not.toContain('1767225612345')
    expect(stderr).not.toContain(createHash('sha256').update(sql).digest('hex'))
  })

  it('carries no notices without --verbose', async () => {
    const database = await freshDatabase()
    const project = journalProject([
      { name: '0000_notice', sql: "DO $$ BEGIN RAISE WARNING 'hello'; END $$;" },
    ])
    expect(await runOn(database, project, ['migrate'])).toMatchObject({
      code: 0,
      stderr: 'Applying 0000_notice\n',
    })
  })
})

describe('a pipe', () => {
  const many = Array.from({ length: 2000 }, (_, index) => ({
    name: `${String(index).padStart(4, '0')}_table_with_a_long_name`,
    sql: `CREATE TABLE table_${index} (id int);`,
  }))

  it('gets all of what is longer than its 64 KiB', async () => {
    const database = await freshDatabase()
    const outcome = await runOn(database, journalProject(many), ['status', '--json'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout.length).toBeGreaterThan(6 * 65_536)
    expect(documentOf<{ migrations: object[] }>(outcome).migrations).toHaveLength(2000)
  })

  it.each(['table', 'json', 'csv'])('may be closed before all is read, --format %s', async format => {
    const database = await freshDatabase()
    const project = journalProject(many)
    const piped = await shell(
      `drizzle_ops status --format ${format} --url '${database.url}' | head -n 1`,
      project,
    )
    expect(piped.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(piped).toMatchObject({ code: '0', stderr: '' })
  })

  it('may be closed while notes still come, and the work goes on', async () => {
    const database = await freshDatabase()
    const project = journalProject(many.slice(0, 30))
    const command = `drizzle_ops migrate --verbose --url '${database.url}' 2>&1 | head -n 1`
    expect(await shell(command, project)).toMatchObject({ code: '0', stderr: '' })
    expect(await database.sql`SELECT count(*)::int AS rows FROM drizzle.__drizzle_migrations`).toEqual([
      { rows: 30 },
    ])
  })

  it.runIf(existsSync('/dev/full'))('may be on a full disk, which is told without a stack', async () => {
    const database = await freshDatabase()
    const command = `drizzle_ops status --url '${database.url}' > /dev/full`
    expect(await shell(command, journalProject([users]))).toEqual({
      code: '1',
      stdout: '',
      stderr: 'error: The output cannot be written: ENOSPC: no space left on device, write.\n',
    })
  })

  /** Runs a line in which `drizzle_ops` leaves its exit code. */
  async function shell(line: string, { root }: TestProject) {
    const program = join(import.meta.dirname, '../bin/drizzle-ops.js')
    const script = `drizzle_ops() { "${process.execPath}" "${program}" "$@"; echo $? > code; }\n${line}`
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', script], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root },
    })
    await expect.poll(() => readFileSync(join(root, 'code'), 'utf8')).toMatch(/\d/)
    return { stdout, stderr, code: readFileSync(join(root, 'code'), 'utf8').trim() }
  }
})

describe('colour', () => {
  it.each([
    { flags: [], env: {}, coloured: false },
    { flags: [], env: { FORCE_COLOR: '1' }, coloured: true },
    { flags: [], env: { FORCE_COLOR: '0' }, coloured: false },
    { flags: [], env: { NO_COLOR: '1', FORCE_COLOR: '1' }, coloured: false },
    { flags: ['--color', 'always'], env: {}, coloured: true },
    { flags: ['--color', 'always'], env: { NO_COLOR: '1' }, coloured: true },
    { flags: ['--color', 'never'], env: { FORCE_COLOR: '1' }, coloured: false },
    { flags: ['--color', 'always', '--json'], env: {}, coloured: false },
  ])('with flags $flags and variables $env: $coloured', async ({ flags, env, coloured }) => {
    const database = await freshDatabase()
    const outcome = await runOn(database, journalProject([users]), ['status', ...flags], {
      env: env as Record<string, string>,
    })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout.includes('\u001b[')).toBe(coloured)
  })
})

describe('a bug', () => {
  it('keeps its stack, and is one document with --json', async () => {
    const broken = join(emptyFolder(), 'broken.cjs')
    writeFileSync(broken, "process.cwd = function brokenCwd() { throw new TypeError('no folder') }\n")
    const env = { NODE_OPTIONS: `--require ${broken}` }
    const text = await run(['status'], { env })
    const stack =
      /^This is a bug in drizzle-ops\. Please report it with what you typed:\nTypeError: no folder\n {4}at .*brokenCwd/
    expect(text).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(stack) })
    const json = await run(['status', '--json'], { env })
    expect(json).toMatchObject({ code: 1, stderr: expect.stringMatching(stack) })
    expect(documentOf(json)).toEqual({
      schemaVersion: 1,
      error: {
        code: 'bug',
        message: 'no folder',
        hint: 'Please report this with what you typed; the stack is on stderr.',
      },
    })
  })
})

describe.each(nodeMajors)('Node %i', major => {
  it('gives the same documents', async context => {
    const reason = await unavailable(`node${major}`)
    if (reason) return context.skip(reason)
    const node = await nodeBinary(major)
    const database = await freshDatabase()
    const project = journalProject([users])
    const migrated = await runOn(database, project, ['migrate', '--json'], { node })
    expect(migrated).toMatchObject({ code: 0, stderr: 'Applying 0000_users\n' })
    expect(documentOf(migrated)).toMatchObject({ applied: [{ name: '0000_users' }], pending: [] })
    const status = await runOn(database, project, ['status', '--check', '--json'], { node })
    expect(status).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(status)).toMatchObject({ upToDate: true })
    const refused = await runOn({ url: `${database.url}_gone` }, project, ['status', '--json'], { node })
    expect(refused).toMatchObject({ code: 3, stderr: '' })
    expect(documentOf(refused)).toMatchObject({ error: { code: 'database-unknown', sqlstate: '3D000' } })
  })
})
