import { describe, expect, it } from 'vitest'
import { listColumnKinds } from '../../src/catalog/column-kinds.ts'
import { type Database, withDatabase } from '../../src/database/database.ts'
import {
  COPY_LINES,
  copyLines,
  type Encoding,
  encodingOf,
  incoming,
  isJsonNull,
  linePrefix,
  lineType,
  outgoingColumn,
} from '../../src/graph/codec.ts'
import { parseUrl } from '../../src/project/url.ts'
import { contextWith } from '../support/context.ts'
import { clone, template } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { MATRIX, MATRIX_TYPES } from './types.ts'

const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: false }
const PINNED =
  "BEGIN; SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3; SET LOCAL lc_monetary = 'C'; SET LOCAL bytea_output = 'hex'; SET LOCAL xmloption = 'content'"

/** Each case is a table of its own with the value and a NULL. */
const matrix = template('matrix', async ({ sql }) => {
  await sql.unsafe(MATRIX_TYPES)
  for (const [index, [type, value]] of MATRIX.entries())
    await sql.unsafe(
      `CREATE TABLE t${index} (id int, r ${type}); INSERT INTO t${index} VALUES (1, (${value})::${type}), (2, NULL)`,
    )
})

function using<T>(url: string, work: (database: Database) => Promise<T>) {
  return withDatabase(
    contextWith({}),
    parseUrl(url, 'a test', 'postgres'),
    { command: 'test', settings },
    async database => {
      await database.script(PINNED)
      return work(database)
    },
  )
}

async function kindsOf(database: Database, table: string) {
  const [row] = await database.query<{ oid: string }>`SELECT ${table}::regclass::oid::text AS oid`
  return listColumnKinds(database, [row?.oid ?? ''])
}

interface Lines {
  readonly encodings: readonly Encoding[]
  readonly text: string
}

async function linesOf(database: Database, table: string): Promise<Lines> {
  const kinds = await kindsOf(database, table)
  const encodings: Encoding[] = []
  for (const { name, kind } of kinds) {
    const probe = `SELECT EXISTS (SELECT FROM ${table} AS source WHERE ${isJsonNull(`source."${name}"`)}) AS found`
    const [row] = kind === 'jsonb' ? ((await database.script(probe)) as { found: boolean }[]) : []
    encodings.push(encodingOf(kind, row?.found))
  }
  const columns = kinds.map(({ name, kind }, index) =>
    outgoingColumn(name, kind, encodings[index] ?? 'json', `source."${name}"`),
  )
  const pieces: Buffer[] = []
  await database.copyOut(
    copyLines(table, `SELECT ${columns.join(', ')} FROM ${table} AS source ORDER BY 1`),
    piece => void pieces.push(piece),
  )
  return { encodings, text: Buffer.concat(pieces).toString() }
}

async function load(database: Database, table: string, { encodings, text }: Lines): Promise<void> {
  const kinds = await kindsOf(database, table)
  const encoding = (index: number) => encodings[index] ?? 'json'
  const types = kinds.map(({ name, type }, index) => `"${name}" ${lineType(type, encoding(index))}`)
  const values = kinds.map(({ name, type }, index) => incoming(type, encoding(index), `line."${name}"`))
  await database.script(
    `TRUNCATE ${table}; CREATE TEMP TABLE raw (line json) ON COMMIT DROP; CREATE TEMP TABLE line (${types.join(', ')}) ON COMMIT DROP`,
  )
  const prefix = linePrefix(table).length
  const lines = text.split('\n').map(line => line.slice(prefix, -1))
  const copied = database.copyIn(
    `COPY pg_temp.raw FROM STDIN WITH ${COPY_LINES}`,
    (async function* () {
      yield Buffer.from(lines.join('\n'))
    })(),
  )
  expect(await copied).toBe(2)
  await database.script(
    `INSERT INTO ${table} SELECT ${values.join(', ')} FROM pg_temp.raw, json_populate_record(NULL::pg_temp.line, raw.line) AS line; DROP TABLE pg_temp.raw, pg_temp.line`,
  )
}

/** What is in a table, to the last bit: as text, and as the bytes that the server would send. */
async function contentOf(database: Database, table: string): Promise<readonly unknown[]> {
  return database.script(
    `SELECT id, r::text AS text, pg_typeof(r)::text AS type, r IS NULL AS "isNull" FROM ${table} ORDER BY id`,
  )
}

const ways = [
  ...majors().map(major => [major, major] as const),
  ...majors().flatMap(from =>
    majors()
      .filter(to => to > from)
      .map(to => [from, to] as const),
  ),
]

it('has at least 96 cases', () => {
  expect(MATRIX.length).toBeGreaterThanOrEqual(96)
})

describe.each(ways)('values from PostgreSQL %i to %i', (from, to) => {
  it('are the same, whatever their type', async () => {
    const source = await clone(matrix, from)
    const target = await clone(matrix, to)
    const failures: string[] = []
    await using(source.url, out =>
      using(target.url, async into => {
        for (const [index, [type, value]] of MATRIX.entries()) {
          const table = `public.t${index}`
          try {
            const lines = await linesOf(out, table)
            for (const line of lines.text.split('\n').slice(0, -1)) JSON.parse(line)
            const expected = await contentOf(out, table)
            await load(into, table, lines)
            expect(await contentOf(into, table)).toEqual(expected)
            expect(lines.text.split('\n')).toHaveLength(3)
          } catch (error) {
            failures.push(`${type} ${value.slice(0, 60)}: ${(error as Error).message}`)
            await into.script(`ROLLBACK; ${PINNED}`)
          }
        }
      }),
    )
    expect(failures).toEqual([])
  })
})

it('keeps JSON readable where nothing is lost', async () => {
  const { url } = await clone(matrix)
  const line = (type: string) =>
    using(url, async database => {
      const { text } = await linesOf(database, `public.t${MATRIX.findIndex(([each]) => each === type)}`)
      return text.split('\n')[0]
    })
  expect(await line('integer[]')).toBe('{"t":"public.t73","r":{"id":1,"r":[1,null,3]}}')
  expect(await line('bigint')).toContain('"r":9007199254740993')
  expect(await line('pair')).toContain('"r":"(,\\"a\\"\\"b,(c)\\")"')
})
