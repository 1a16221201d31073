import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { only, reportOf, rowsOf } from '../support/stats.ts'

const repository = join(import.meta.dirname, '../..')

const TABLES = `
  CREATE SCHEMA app; CREATE SCHEMA "app.x"; CREATE SCHEMA audit;
  CREATE TABLE app.large (id int); INSERT INTO app.large SELECT generate_series(1, 10000);
  CREATE TABLE app.small (id int); INSERT INTO app.small VALUES (1);
  CREATE TABLE "app.x".dotted (id int); CREATE TABLE audit.log (id int); CREATE EXTENSION pg_stat_statements SCHEMA app`

async function tables(major?: TestDatabase['major']): Promise<TestDatabase> {
  const database = await freshDatabase(major)
  await database.sql.unsafe(TABLES).simple()
  return database
}

describe('stats list', () => {
  it('describes every report', async () => {
    const { code, stdout } = await ops(['stats', 'list', '--json'])
    const { reports } = documentOf<{ reports: Record<string, unknown>[] }>({ stdout })
    expect(code).toBe(0)
    expect(reports).toHaveLength(30)
    expect(new Set(reports.map(({ name }) => name)).size).toBe(30)
    for (const { name, summary, reads, columns } of reports) {
      expect(name).toMatch(/^[a-z-]+$/)
      expect(String(summary).length).toBeGreaterThan(20)
      expect(reads).not.toEqual([])
      expect(columns).not.toEqual([])
    }
    expect(reports.find(({ name }) => name === 'redundant-indexes')).toEqual({
      name: 'redundant-indexes',
      summary: 'which indexes another one does all the work of',
      reads: ['pg_index', 'pg_constraint'],
      needs: null,
      columns: ['schema', 'table', 'index', 'coveredBy', 'exact', 'bytes', 'drop'],
    })
  })

  it('is printed without a database', async () => {
    const { stdout } = await ops(['stats', 'list'])
    expect(stdout).toMatch(
      /^report +answers +reads +needs\noverview +the database at a glance +pg_stat_database, pg_class\n/,
    )
  })
})

describe.each(majors())('PostgreSQL %i', major => {
  it('has in each row the columns that the list promises', async () => {
    const { url, sql } = await tables(major)
    await sql
      .unsafe(
        `CREATE TABLE audit.p (id serial PRIMARY KEY, word text); CREATE INDEX ON audit.p (word); CREATE INDEX ON audit.p (word);
       CREATE TABLE audit.c (p int REFERENCES audit.p, word text); INSERT INTO audit.p (word) VALUES ('x'); ANALYZE;`,
      )
      .simple()
    for (const { name, columns } of CATALOGUE) {
      const { rows } = await reportOf(url, name, '--limit', '1')
      if (rows[0])
        expect(Object.keys(rows[0]), name).toEqual(expect.arrayContaining(columns.map(({ key }) => key)))
    }
  })

  it('leaves out what belongs to the system and to extensions, unless a schema is named', async () => {
    const { url } = await tables(major)
    const names = async (...flags: string[]) =>
      (await rowsOf(url, 'tables', '--sort', 'table', ...flags)).map(
        ({ schema, table }) => `${schema}.${table}`,
      )
    expect(await names()).toEqual(['app.x.dotted', 'app.large', 'audit.log', 'app.small'])
    expect(await names('--schema', 'app')).toEqual(['app.large', 'app.small'])
    expect(await names('--schema', 'app*')).toEqual(['app.x.dotted', 'app.large', 'app.small'])
    expect(await names('--schema', '!app,!audit')).toEqual(['app.x.dotted'])
    expect(await names('--schema', 'app.?', '--table', '!log')).toEqual(['app.x.dotted'])
    expect(await names('--table', 'l*')).toEqual(['app.large', 'audit.log'])
    expect((await names('--schema', 'pg_catalog')).includes('pg_catalog.pg_class')).toBe(true)
  })

  it('sorts, limits and leaves out what is small', async () => {
    const { url } = await tables(major)
    const names = async (...flags: string[]) =>
      (await rowsOf(url, 'tables', ...flags)).map(({ table }) => table)
    expect(await names()).toEqual(['large', 'small', 'dotted', 'log'])
    expect(await names('--sort', '-totalBytes', '--limit', '1')).toEqual(['dotted'])
    expect(await names('--sort', '-table')).toEqual(['small', 'log', 'large', 'dotted'])
    expect(await names('--min-size', '8kB')).toEqual(['large', 'small'])
    expect(await names('--min-size', '0.1MB')).toEqual(['large'])
    const { total, rows } = await reportOf(url, 'tables', '--limit', '1')
    expect({ total, shown: rows.length }).toEqual({ total: 4, shown: 1 })
  })

  it('runs the queries of ops.stats, read-only, like its own', async () => {
    const { url, sql } = await tables(major)
    const cwd = emptyFolder()
    write(join(cwd, 'package.json'), '{}')
    symlinkSync(join(repository, 'node_modules'), join(cwd, 'node_modules'))
    write(
      join(cwd, 'drizzle.config.ts'),
      `import { sql } from 'drizzle-orm'
       export default { dialect: 'postgresql', out: './drizzle' }
       export const ops = { stats: {
         sizes: { description: 'sizes of what is large', sql: "SELECT 'x' AS name, 2048 AS \\"totalBytes\\", 0.5 AS \\"usedRatio\\", timestamptz '2026-01-02 03:04:05+00' AS at, ARRAY[1,2] AS list; " },
         tagged: { description: 'by drizzle', sql: sql\`SELECT \${7}::int AS bound\` },
         built: { description: 'by a function', sql: async db => db.execute(sql\`SELECT 9007199254740993 AS big, now() - now() AS span\`) },
         writes: { description: 'must not', sql: 'WITH gone AS (DELETE FROM app.large RETURNING *) SELECT * FROM gone' },
         locks: { description: 'takes the name of another', sql: 'SELECT 1 AS one' },
       } }\n`,
    )
    const run = (...args: string[]) => ops(['stats', ...args, '--url', url], { cwd })
    const rows = async (name: string) => documentOf<{ rows: object[] }>(await run(name, '--json')).rows
    expect(await rows('sizes')).toEqual([
      { name: 'x', totalBytes: 2048, usedRatio: 0.5, at: '2026-01-02T03:04:05+00:00', list: [1, 2] },
    ])
    expect((await run('sizes')).stdout).toBe(
      'name  total    used   at                         list\nx     2.0 KiB  50.0%  2026-01-02T03:04:05+00:00  1, 2\n',
    )
    expect(await rows('tagged')).toEqual([{ bound: 7 }])
    expect(await rows('built')).toEqual([{ big: '9007199254740993', span: '00:00:00' }])
    expect(await rows('locks')).toEqual([{ one: 1 }])
    expect(await rows('server-locks')).toEqual([])
    const { code, stdout } = await run('writes', '--json')
    expect(code).toBe(1)
    expect(documentOf<{ error: object }>({ stdout }).error).toMatchObject({
      sqlstate: expect.stringMatching(/^(25006|0A000)$/),
    })
    expect(await sql`SELECT count(*)::int AS count FROM app.large`).toEqual([{ count: 10_000 }])
    const listed = documentOf<{ reports: { name: string; summary: string }[] }>(
      await ops(['stats', 'list', '--json'], { cwd }),
    )
    expect(
      listed.reports
        .filter(({ name }) => ['sizes', 'locks', 'server-locks'].includes(name))
        .map(({ summary }) => summary),
    ).toEqual([
      'which locks are waited for, and which keep everybody else out (--all: every lock)',
      'sizes of what is large',
      'takes the name of another',
    ])
  })

  it('knows the platform where it is one', async () => {
    const { url, sql } = await freshDatabase(major)
    expect(await ops(['migrate', '--url', url], { cwd: repository })).toMatchObject({ code: 0 })
    await sql
      .unsafe(`
      INSERT INTO users (id, email, created_at) VALUES ('u', 'u@example.com', now() - interval '90 days');
      INSERT INTO sessions (id, user_id, token, expires_at, last_active_at) VALUES
        ('s1', 'u', 't1', now() + interval '1 day', now()), ('s2', 'u', 't2', now() - interval '1 day', now());
      INSERT INTO projects (id, user_id, name, description, status, validation_score) VALUES
        ('00000000-0000-0000-0000-000000000001', 'u', 'a', '', 'active', 50), ('00000000-0000-0000-0000-000000000002', 'u', 'b', '', 'active', 100),
        ('00000000-0000-0000-0000-000000000003', 'u', 'c', '', 'draft', 10);
      INSERT INTO project_files (project_id, path, content) VALUES
        ('00000000-0000-0000-0000-000000000001', 'src/a.ts', 'four'), ('00000000-0000-0000-0000-000000000002', 'b.test.ts', 'eightsss'),
        ('00000000-0000-0000-0000-000000000001', 'dir.d/Makefile', '');
      `)
      .simple()
    const rows = async (name: string) =>
      documentOf<{ rows: Record<string, unknown>[] }>(
        await ops(['stats', name, '--json', '--url', url], { cwd: repository }),
      ).rows
    expect(await rows('projects')).toEqual([
      { status: 'active', projects: 2, averageScore: 75 },
      { status: 'draft', projects: 1, averageScore: 10 },
    ])
    expect(await rows('files')).toEqual([
      { ending: 'ts', files: 2, projects: 2, bytes: 12, averageBytes: 6 },
      { ending: null, files: 1, projects: 1, bytes: 0, averageBytes: 0 },
    ])
    expect(await rows('sessions')).toEqual([
      { status: 'active', sessions: 2, expired: 1, users: 1, lastActive: expect.stringMatching(/Z$/) },
    ])
    const days = await rows('activity')
    expect(days).toHaveLength(30)
    expect(only(days.slice(0, 2), 'messages', 'activeUsers', 'newUsers', 'newProjects')).toEqual([
      { messages: 0, activeUsers: 1, newUsers: 0, newProjects: 3 },
      { messages: 0, activeUsers: 0, newUsers: 0, newProjects: 0 },
    ])
    expect((await rows('server-activity')).length).toBeGreaterThanOrEqual(0)
  })
})

it.each([
  [
    ['stats', 'tabels'],
    'There is no report tabels.',
    'Did you mean tables? drizzle-ops stats list names them all.',
  ],
  [
    ['stats', 'activity', '--schema', 'app'],
    '--schema has no meaning for activity, which knows no schemas.',
    'Leave the flag out; drizzle-ops stats list says what each report is about.',
  ],
  [
    ['stats', 'constraints', '--min-size', '1MB'],
    '--min-size has no meaning for constraints, which knows no sizes.',
    'Leave the flag out; drizzle-ops stats list says what each report is about.',
  ],
  [
    ['stats', 'extensions', '--sort', 'size'],
    'There is no column size to sort by.',
    'The columns are name, schema, installed, offered, outdated, description.',
  ],
] as const)('refuses %j', async (args, message, hint) => {
  const { url } = await freshDatabase()
  const { code, stdout } = await ops([...args, '--json', '--url', url])
  expect(code).toBe(2)
  expect(documentOf({ stdout })).toMatchObject({ error: { code: 'usage', message, hint } })
})

it('is printed as a table, as rows and as CSV with raw numbers', async () => {
  const { url } = await tables()
  const flags = ['--table', 'large,small', '--url', url]
  const table = await ops(['stats', 'tables', ...flags])
  expect(table.stdout.split('\n').map(line => line.slice(0, 34).trimEnd())).toEqual([
    'schema  table  total      rows  he',
    'app     large  384.0 KiB        38',
    'app     small  8.0 KiB          8.',
    expect.stringMatching(/^Counted since \d{4}-/),
    '',
  ])
  const csv = await ops(['stats', 'tables', '--format', 'csv', ...flags])
  expect(csv.stdout.split('\r\n')[1]).toMatch(/^app,large,\d{6},,\d{6},0,0,0,/)
  const ndjson = await ops(['stats', 'tables', '--format', 'ndjson', ...flags])
  expect(
    ndjson.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).table),
  ).toEqual(['large', 'small'])
})

it('fits on a terminal of 80 columns, with bars', async () => {
  const { url } = await tables()
  const { stdout } = await ops(['stats', 'tables', '--color', 'never', '--url', url], { columns: 80 })
  const lines = stdout.split('\n')
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  expect(stdout).toMatch(/ large {2}│ 384\.0 KiB ██████████ │/)
})

it('writes nothing', async () => {
  const database = await tables()
  const before = await database.dump()
  for (const { name } of CATALOGUE) await reportOf(database.url, name)
  expect(await database.dump()).toBe(before)
})
