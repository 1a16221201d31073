import { join } from 'node:path'
import fc from 'fast-check'
import type { Sql } from 'postgres'
import { expect, it } from 'vitest'
import { randomSchema, sqlOf } from '../graph/random-schema.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { imported, rowsOf } from './moving.ts'

/** 300 take some minutes. */
const RUNS = Number(process.env.IMPORT_RUNS ?? 12)

it('brings in what was exported, of random schemas', { timeout: 30_000 + RUNS * 6000 }, async () => {
  const [source, target] = [await freshDatabase(), await freshDatabase()]
  let rows = 0
  await fc.assert(
    fc.asyncProperty(randomSchema, async schema => {
      await source.sql.unsafe(sqlOf(schema)).simple()
      await target.sql.unsafe(sqlOf(schema)).simple()
      await empty(target.sql)
      const keys = schema.tables[0]?.composite
        ? schema.roots.map(id => `${id},${id % 2}`)
        : schema.roots.map(String)
      const exporting = async (url: string) => {
        const file = join(emptyFolder(), 'a')
        const args = ['export', 'random.t0', ...keys, '--cross', 'embed', '--url', url, '-o', file, '--json']
        return { file, outcome: await ops(args) }
      }
      const { file, outcome } = await exporting(source.url)
      expect([outcome.code, outcome.code === 0 ? '' : outcome.stdout]).toEqual([0, ''])
      const { tables } = documentOf<{ tables: { rows: number }[] }>(outcome)
      rows += tables.reduce((sum, table) => sum + table.rows, 0)
      const result = await imported(file, target.url)
      expect(result.tables.map(({ inserted }) => inserted)).toEqual(tables.map(table => table.rows))
      expect(await rowsIn(target.sql)).toEqual(linesOf(file))
      expect(rowsOf((await exporting(target.url)).file)).toBe(rowsOf(file))
    }),
    {
      numRuns: RUNS,
      endOnFailure: true,
      ...(process.env.IMPORT_SEED && { seed: Number(process.env.IMPORT_SEED) }),
    },
  )
  expect(rows).toBeGreaterThan(RUNS)
})

/** The archive's own words for what must be there. */
function linesOf(file: string): string[] {
  return rowsOf(file)
    .split('\n')
    .filter(line => line.startsWith('{"t":'))
    .sort()
}

async function rowsIn(sql: Sql): Promise<string[]> {
  const found: string[] = []
  for (const { name } of await tablesOf(sql)) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `SELECT row_to_json(found)::text AS row FROM ${name} AS found`,
    )
    found.push(...rows.map(({ row }) => `{"t":"${name}","r":${row}}`))
  }
  return found.sort()
}

async function tablesOf(sql: Sql): Promise<{ name: string }[]> {
  return sql<{ name: string }[]>`
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relnamespace = 'random'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
}

async function empty(sql: Sql): Promise<void> {
  await sql.unsafe(`TRUNCATE ${(await tablesOf(sql)).map(({ name }) => name).join(', ')}`)
}
