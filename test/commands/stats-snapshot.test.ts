import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Measure, Snapshot } from '../../src/stats/snapshot.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { majors } from '../support/shared-servers.ts'

interface Diff {
  readonly rows: Record<string, unknown>[]
  readonly reset: boolean
  readonly ms: number
}

describe.each(majors())('PostgreSQL %i', major => {
  it('tells what has grown since, and when it is full', async () => {
    const { url, sql, name } = await freshDatabase(major)
    await sql
      .unsafe(
        'CREATE TABLE t (id smallserial PRIMARY KEY, word text); INSERT INTO t (word) SELECT i::text FROM generate_series(1, 100) AS i; ANALYZE t',
      )
      .simple()
    const cwd = emptyFolder()
    const run = async (...args: string[]) => {
      const outcome = await ops([...args, '--json', '--url', url], { cwd })
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
      return documentOf<Diff & { file: string; measures: number }>(outcome)
    }
    const { file, measures } = await run('stats', 'snapshot', '-o', 'before.json')
    expect(file).toBe(join(cwd, 'before.json'))
    const before: Snapshot = JSON.parse(readFileSync(file, 'utf8'))
    expect(before).toMatchObject({ snapshot: 'drizzle-ops/stats@1', name })
    expect(before.measures).toHaveLength(measures)
    await sql
      .unsafe(
        "INSERT INTO t (word) SELECT repeat('x', 1000) FROM generate_series(1, 900); ANALYZE t; CREATE TABLE late (id int)",
      )
      .simple()
    // as if a day had passed
    writeFileSync(file, JSON.stringify({ ...before, at: new Date(Date.now() - 86_400_000).toISOString() }))
    const diff = await run('stats', 'diff', 'before.json')
    const of = (kind: string, what: string, measure: string) =>
      diff.rows.find(row => row.kind === kind && row.name === what && row.measure === measure)
    expect(of('table', 't', 'rows')).toMatchObject({
      before: 100,
      after: 1000,
      change: 900,
      unit: 'count',
      schema: 'public',
    })
    expect(Number(of('table', 't', 'rows')?.perDay)).toBeCloseTo(900, 0)
    const [bytes] = await sql<{ bytes: number }[]>`SELECT pg_total_relation_size('t')::int AS bytes`
    expect(of('table', 't', 'size')).toMatchObject({ after: bytes?.bytes, unit: 'bytes' })
    const sequence = of('sequence', 't_id_seq', 'used')
    expect(sequence).toMatchObject({ before: 100, after: 1000, limit: 32_767 })
    expect(Number(sequence?.leftMs) / 86_400_000).toBeCloseTo((32_767 - 1000) / 900, 1)
    expect(of('table', 'late', 'size')).toBeUndefined()
    expect(of('database', name, 'size')).toMatchObject({ limit: null, leftMs: null })
    await run('stats', 'snapshot', '-o', 'after.json')
    const files = await run('stats', 'diff', 'before.json', 'after.json')
    expect(files.rows.find(row => row.name === 't' && row.measure === 'rows')).toMatchObject({ change: 900 })
    const text = await ops(['stats', 'diff', 'before.json', 'after.json'], { cwd })
    expect(text.stdout).toMatch(/^table +rows +900 +1000 +public +t +/m)
    expect(text.stdout).toMatch(/^sequence +used +900 +1000 +35d \d+h +public +t_id_seq +/m)
  })
})

const measure: Measure = {
  kind: 'index',
  id: 'a',
  schema: 's',
  name: 'a',
  measure: 'scans',
  unit: 'count',
  value: 5,
  limit: null,
}

function saved(folder: string, name: string, changes: object): void {
  const snapshot = {
    snapshot: 'drizzle-ops/stats@1',
    at: '2026-01-01T00:00:00Z',
    name: 'app',
    serverVersion: '18',
    measures: [measure],
  }
  writeFileSync(join(folder, name), JSON.stringify({ ...snapshot, ...changes }))
}

it('says that counters were reset', async () => {
  const cwd = emptyFolder()
  saved(cwd, 'a.json', {})
  saved(cwd, 'b.json', { at: '2026-01-02T00:00:00Z', measures: [{ ...measure, value: 2 }] })
  const { stdout } = await ops(['stats', 'diff', 'a.json', 'b.json'], { cwd })
  expect(stdout).toContain('Reset detected: counters fell, and their changes mean nothing.')
})

it.each([
  [
    { at: '2025-12-31T00:00:00Z' },
    'The first snapshot, of 2026-01-01T00:00:00Z, is not older than the second, of 2025-12-31T00:00:00Z.',
  ],
  [
    { at: '2026-01-02T00:00:00Z', name: 'other' },
    'The first snapshot is of the database app, the second of other.',
  ],
])('refuses to compare with %j', async (changes, message) => {
  const cwd = emptyFolder()
  saved(cwd, 'a.json', {})
  saved(cwd, 'b.json', changes)
  const { code, stdout } = await ops(['stats', 'diff', 'a.json', 'b.json', '--json'], { cwd })
  expect(code).toBe(2)
  expect(documentOf({ stdout })).toMatchObject({ error: { code: 'usage', message } })
})

it('refuses what is no snapshot', async () => {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'a.json'), '{"a": 1}')
  const { code, stderr } = await ops(['stats', 'diff', 'a.json'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toBe(
    `error: ${cwd}/a.json is no snapshot: it says it is something else. [snapshot-invalid]\n  → Write one: drizzle-ops stats snapshot -o before.json.\n`,
  )
})

it('refuses a snapshot that is not there', async () => {
  const cwd = emptyFolder()
  expect(await ops(['stats', 'diff', 'a.json'], { cwd })).toEqual({
    stdout: '',
    stderr: `error: There is no file ${cwd}/a.json. [snapshot-invalid]\n  → Write one: drizzle-ops stats snapshot -o before.json.\n`,
    code: 2,
  })
})
