import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countLines } from '../../src/archive/format.ts'
import { type Database, withDatabase } from '../../src/database/database.ts'
import { copyTextOf, roomInTurn } from '../../src/load/copy-text.ts'
import { parseUrl } from '../../src/project/url.ts'
import { contextWith } from '../support/context.ts'
import { freshDatabase } from '../support/databases.ts'
import type { PostgresMajor } from '../support/runtimes.ts'
import { majors } from '../support/shared-servers.ts'

/** Of lines as they should be; of damaged ones five times as many. */
const RUNS = Number(process.env.COPY_RUNS ?? 200)
const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: false }

const columns = [
  { name: 'n', kind: 'plain', encoding: 'json' },
  { name: 'a "b"\\', kind: 'plain', encoding: 'json' },
  { name: 'j', kind: 'jsonb', encoding: 'json' },
  { name: 't', kind: 'jsonb', encoding: 'text' },
  { name: 'l', kind: 'array', encoding: 'json' },
] as const
const left = { name: 'left', kind: 'plain', encoding: 'json' } as const
const room = roomInTurn()
const made = copyTextOf({ archived: { columns: [left, ...columns] }, columns })

const chunk = (rows: readonly string[]) => {
  const lines = Buffer.from(rows.map(row => `${row}\n`).join(''))
  return { line: 7, rows: countLines(lines), lines }
}

const exact = copyTextOf({ archived: { columns }, columns })
const copyText = (lines: readonly string[]) => made(chunk(lines), room)

/** All that a text of PostgreSQL's can hold, much of it special to JSON or to COPY. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\',
        '"',
        '/',
        '\t',
        '\n',
        '\r',
        '\\N',
        '\\.',
        '\u0001',
        '\u001f',
        '\u007f',
        '{',
        '}',
        ',',
        "'",
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
    ),
  )
  .map(parts => parts.join('').replaceAll('\0', ''))
const json = fc
  .jsonValue()
  .map(value => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as unknown)

/** JSON of the same value, some of whose characters are written as escapes although they need not be. */
function written(value: unknown, escapes: number): string {
  return JSON.stringify(value).replace(/[/A-F]/g, (character, at: number) => {
    if ((escapes >> (at % 30)) % 2 === 0) return character
    return character === '/' ? '\\/' : `\\u00${character.charCodeAt(0).toString(16)}`
  })
}

const row = fc.record({
  left: fc.oneof(text, json),
  n: fc.option(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())),
  'a "b"\\': fc.option(text),
  j: json,
  t: fc.option(json.map(value => JSON.stringify(value))),
  l: fc.constantFrom(null, '{}', '[0:1]={a,"b \\\\ \\" c"}'),
})
const line = fc.tuple(row, fc.nat()).map(([values, escapes]) => lineOf(values, escapes))

function lineOf(values: object, escapes: number): string {
  const pairs = Object.entries(values).map(
    ([name, value]) => `${JSON.stringify(name)}:${written(value, escapes)}`,
  )
  return `{${pairs.join()}}`
}

/** A line with one character too many, one less or another, such as mean something to JSON or to COPY. */
const damaged = fc
  .record({
    values: row,
    at: fc.noBias(fc.nat()),
    character: fc.constantFrom(...'{}[]",:\\/ntu0159.eE-+ \n', ''),
    over: fc.nat(1),
  })
  .map(({ values: { left: _, ...known }, at, character, over }) => {
    const whole = [...lineOf(known, 0)]
    return whole.toSpliced(at % whole.length, over, character).join('')
  })

/** A database with a table for what COPY is told and a type for what lines hold. */
async function using(major: PostgresMajor, work: (database: Database) => Promise<void>): Promise<void> {
  const { url } = await freshDatabase(major)
  const target = parseUrl(url, 'a test', 'postgres')
  await withDatabase(contextWith({}), target, { command: 'test', settings }, async database => {
    await database.script(
      `CREATE TEMP TABLE lines (n text, "a ""b""\\" text, j jsonb, t text, l text[]);
       CREATE TEMP TABLE copied (number bigint, n text, "a ""b""\\" text, j jsonb, t jsonb, l text[])`,
    )
    await work(database)
  })
}

async function copied(database: Database, said: Buffer): Promise<object[]> {
  await database.script('TRUNCATE copied')
  await database.copyIn('COPY copied FROM STDIN', Readable.from([said]))
  return database.query`SELECT number, n, "a ""b""\\", j::text, t::text, l FROM copied ORDER BY number`
}

async function read(database: Database, lines: readonly string[]): Promise<object[]> {
  return database.query`
    SELECT 6 + number AS number, (populated.row).n, (populated.row)."a ""b""\\", (populated.row).j::text, (populated.row).t::jsonb::text, (populated.row).l
    FROM json_array_elements_text(${JSON.stringify(lines)}::text::json) WITH ORDINALITY AS line (json, number),
         LATERAL (SELECT json_populate_record(NULL::lines, json::json) AS row) AS populated
    ORDER BY number`
}

const unlessRefused = (rows: Promise<object[]>) => rows.catch(() => 'refused')

describe.each(majors())('on PostgreSQL %i', major => {
  it('says to COPY what json_populate_record reads', { timeout: 120_000 }, () =>
    using(major, database =>
      fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async lines => {
          const said = copyText(lines) ?? Buffer.from('left to the server')
          expect(await copied(database, said)).toEqual(await read(database, lines))
        }),
        { numRuns: RUNS },
      ),
    ),
  )

  it('says nothing else of lines that are damaged', { timeout: 120_000 }, () =>
    using(major, async database => {
      let said = 0
      await fc.assert(
        fc.asyncProperty(damaged, async odd => {
          const text = exact(chunk([odd]), room)
          if (text === undefined) return
          said += 1
          expect(await unlessRefused(copied(database, text))).toEqual(
            await unlessRefused(read(database, [odd])),
          )
        }),
        { numRuns: 5 * RUNS },
      )
      expect(said).toBeGreaterThan(RUNS)
    }),
  )
})

describe('leaves to the server', () => {
  const whole = '{"left":1,"n":1,"a \\"b\\"\\\\":"x","j":{"a":[1,"}"]},"t":null,"l":null}'

  it('nothing of a line as an export writes it', () => {
    expect(copyText([whole, whole])?.toString()).toBe(
      '7\t1\tx\t{"a":[1,"}"]}\t\\N\t\\N\n8\t1\tx\t{"a":[1,"}"]}\t\\N\t\\N\n',
    )
  })

  it.each([
    ['an array', whole.replace('"l":null', '"l":["a"]')],
    ['a text with a tab', whole.replace('"x"', '"\t"')],
    ['a text with a return', whole.replace('"x"', '"\r"')],
    ['a text with another control character', whole.replace('"x"', '"\x02"')],
    ['the character that no text holds', whole.replace('"x"', '"\\u0000"')],
    ['an escape beyond ASCII', whole.replace('"x"', '"\\u00e9"')],
    ['an escape that JSON has not', whole.replace('"x"', '"\\q"')],
    ['an escape that is cut short', whole.replace('"x"', '"\\u00')],
    ['an escape of less than it takes', whole.replace('"x"', '"\\u4"')],
    ['an object for a text', whole.replace('"x"', '{}')],
    ['a word that JSON has not', whole.replace('"n":1', '"n":NaN')],
    ['a number that JSON has not', whole.replace('"n":1', '"n":--1')],
    ['a number that JSON writes without zeros', whole.replace('"n":1', '"n":007')],
    ['a text over two lines', whole.replace('"x"', '"}\n{"')],
    ['no value', whole.replace('"n":1', '"n":')],
    ['columns in another order', '{"n":1,"left":1}'],
    ['one column less', whole.replace(',"l":null', '')],
    ['one column more', whole.replace('"l":null', '"l":null,"m":1')],
    ['a blank', whole.replace('"n":1', '"n": 1')],
    ['a text that does not end', whole.slice(0, whole.indexOf('x') + 1)],
    ['an object that does not end', whole.replace(']}', ']')],
    ['a line that goes on', `${whole} `],
    ['an empty line', ''],
  ])('a chunk with %s', (_, odd) => {
    expect(copyText([whole, odd, whole])).toBeUndefined()
  })

  it('a json of the target that the source had as something else', () => {
    const kept = { name: 'j', kind: 'text', encoding: 'json' } as const
    expect(
      copyTextOf({ archived: { columns: [kept] }, columns: [kept] })(chunk(['{"j":"a"}']), room),
    ).toBeUndefined()
  })
})
