import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withMetricsFile } from '../../src/metrics/file.ts'
import { freshDatabase } from '../support/databases.ts'
import { readExposition } from '../support/exposition.ts'
import { platformDatabase } from '../support/platform.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('--metrics on PostgreSQL %i', major => {
  it('counts and times what was sent, also by Drizzle', async () => {
    const { url } = await platformDatabase(major)
    const file = join(emptyFolder(), 'ops.prom')
    const counted = async (...args: string[]) => {
      const { code, stderr } = await ops([...args, '--metrics', file, '--url', url], { cwd: process.cwd() })
      expect(code, stderr).toBe(0)
      return readExposition(readFileSync(file, 'utf8'))
    }
    await counted('user', 'create', '--email', 'ada@example.com')
    const families = await counted('project', 'list', '--count')
    expect([...families].map(([name, { type }]) => [name, type])).toEqual([
      ['db_queries_total', 'counter'],
      ['db_query_duration_seconds', 'histogram'],
      ['db_connection_pool_size', 'gauge'],
    ])
    const projects = '{operation="select",table="projects"}'
    // the page, and the total, since a page without rows has nobody to tell it
    expect(families.get('db_queries_total')?.samples.get(`db_queries_total${projects}`)).toBe(2)
    const durations = families.get('db_query_duration_seconds')?.samples
    expect(durations?.get(`db_query_duration_seconds_count${projects}`)).toBe(2)
    expect(durations?.get(`db_query_duration_seconds_sum${projects}`)).toBeGreaterThan(0)
    expect(families.get('db_connection_pool_size')?.samples.get('db_connection_pool_size')).toBe(1)
    // in a transaction of Drizzle's
    const created = await counted('user', 'create', '--email', 'bob@example.com')
    const inserts = [...(created.get('db_queries_total')?.samples ?? [])].filter(([series]) =>
      series.includes('insert'),
    )
    expect(inserts).toEqual([
      ['db_queries_total{operation="insert",table="users"}', 1],
      ['db_queries_total{operation="insert",table="audit_logs"}', 1],
    ])
  })

  it('are written whole after a failure, in place of the last ones', async () => {
    const { root } = journalProject([{ name: '0000_bad', sql: 'SELECT * FROM "no\\where"' }])
    const database = await freshDatabase(major)
    const folder = emptyFolder()
    writeFileSync(join(folder, 'ops.prom'), 'of the last run')
    const { code } = await ops(['migrate', '--metrics', join(folder, 'ops.prom'), '--url', database.url], {
      cwd: root,
    })
    expect(code).toBe(1)
    const families = readExposition(readFileSync(join(folder, 'ops.prom'), 'utf8'))
    expect(
      families
        .get('db_queries_total')
        ?.samples.get('db_queries_total{operation="select",table="no\\\\where"}'),
    ).toBe(1)
    expect(readdirSync(folder)).toEqual(['ops.prom'])
  })

  it('are refused before anything is done where they cannot be written', async () => {
    const { root } = journalProject([{ name: '0000_first', sql: 'CREATE TABLE notes (id int)' }])
    const database = await freshDatabase(major)
    const refused = await ops(['migrate', '--json', '--metrics', 'no/such/ops.prom', '--url', database.url], {
      cwd: root,
    })
    expect(refused.code).toBe(2)
    expect(documentOf(refused)).toMatchObject({ error: { code: 'file-unwritable' } })
    expect(await database.sql`SELECT to_regclass('notes') AS notes`).toEqual([{ notes: null }])
    expect((await ops(['status', '--metrics', root], { cwd: root })).stderr).toBe(
      `error: The metrics cannot be written to ${root}: It is a folder. [file-unwritable]
  → Choose another place with --metrics <file>.
`,
    )
  })
})

describe('metrics that can no longer be written when the work ends', () => {
  const lost = () => {
    const folder = join(emptyFolder(), 'metrics')
    mkdirSync(folder)
    return { file: join(folder, 'ops.prom'), lose: () => rmdirSync(folder) }
  }

  it('say so where it succeeded', async () => {
    const { file, lose } = lost()
    await expect(withMetricsFile(file, async () => lose())).rejects.toMatchObject({
      code: 'file-unwritable',
      message: expect.stringMatching(/^The work is done, but its metrics cannot be written to /),
      exit: 1,
    })
  })

  it('do not hide why it failed', async () => {
    const { file, lose } = lost()
    const failure = new Error('the first')
    const failing = withMetricsFile(file, async () => {
      lose()
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
  })
})
