import { expect, it } from 'vitest'
import { loadParser } from '../../src/sql/parse.ts'

const parser = await loadParser()

/** Each statement's text and kind, or why it has none. */
function parsed(text: string): (readonly [text: string, kind: string | undefined])[] {
  return parser
    .parse(text)
    .map(
      ({ start, end, tree, reason }) =>
        [text.slice(start, end), tree ? Object.keys(tree)[0] : reason] as const,
    )
}

it('finds each statement without the comments around it', () => {
  const text = '-- one\nSELECT 1; /* two; */\n\n  DROP TABLE t -- three\n;\n-- four'
  expect(parsed(text)).toEqual([
    ['SELECT 1', 'SelectStmt'],
    ['DROP TABLE t -- three\n', 'DropStmt'],
  ])
})

it('counts characters, not bytes', () => {
  const text = "/* 😀 é */ SELECT 'größer'; -- ö\nSELECT '😀😀'; SELECT 3"
  expect(parsed(text).map(([statement]) => statement)).toEqual([
    "SELECT 'größer'",
    "SELECT '😀😀'",
    'SELECT 3',
  ])
})

it('keeps the body of a function together', () => {
  const body = 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END'
  const dollar = 'DO $x$ BEGIN COMMIT; END $x$'
  expect(parsed(`${body}; ${dollar};`)).toEqual([
    [body, 'CreateFunctionStmt'],
    [dollar, 'DoStmt'],
  ])
})

it('looks into a DO block that only runs statements', () => {
  const inner = (text: string) =>
    parser.parse(text).map(each => each.inner?.map(({ tree }) => tree && Object.keys(tree)[0]))
  expect(
    inner("DO $$ BEGIN CREATE TYPE m AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN null; END $$"),
  ).toEqual([['CreateEnumStmt']])
  expect(inner('DO $$ BEGIN BEGIN INSERT INTO t VALUES (1); END; DROP TABLE t; END $$; SELECT 1')).toEqual([
    ['InsertStmt', 'DropStmt'],
    undefined,
  ])
  for (const opaque of [
    "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$",
    'DO $$ BEGIN IF true THEN DROP TABLE t; END IF; END $$',
    'DO $$ BEGIN DROP TABLE t; COMMIT; END $$',
    'DO $$ BEGIN; END $$',
    "DO LANGUAGE plv8 'x'",
  ])
    expect({ opaque, inner: inner(opaque) }).toEqual({ opaque, inner: [undefined] })
})

it('knows the grammar of PostgreSQL 18', () => {
  expect(
    parsed(
      'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, CONSTRAINT n NOT NULL a NO INHERIT)',
    ),
  ).toMatchObject([[expect.any(String), 'CreateStmt']])
})

it('tells what cannot be parsed, and parses what stands beside it', () => {
  expect(parsed("SELECT 1; SELEC '; 2';\n-- three\nFROB; SELECT 4; \\connect x")).toEqual([
    ['SELECT 1', 'SelectStmt'],
    ["SELEC '; 2'", 'syntax error at or near "SELEC"'],
    ['FROB', 'syntax error at or near "FROB"'],
    ['SELECT 4', 'SelectStmt'],
    ['\\connect x', 'syntax error at or near "\\"'],
  ])
})

it.each([
  ['nothing', '', []],
  ['only comments', ' -- x\n/* y */ ;; ', []],
  [
    'a zero byte',
    'SELECT \0 1; DROP TABLE t',
    [
      ['SELECT \0 1', 'it holds a zero byte'],
      ['DROP TABLE t', 'DropStmt'],
    ],
  ],
  ['an open string', "SELECT 'x", [["SELECT 'x", 'unterminated quoted string at or near "\'x"']]],
])('never throws: %s', (_what, text, expected) => {
  expect(parsed(text)).toEqual(expected)
})

it('never throws on what is too deep or too long, and goes on working', () => {
  const deep = `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`
  const wide = `SELECT 1${'+1'.repeat(50_000)}`
  const long = `SELECT '${'x'.repeat(1_000_000)}'`
  for (const text of [deep, wide, long]) {
    const [statement, ...others] = parser.parse(text)
    expect({ ...statement, others }).toEqual({
      start: 0,
      end: text.length,
      tree: undefined,
      reason: expect.any(String),
      others: [],
    })
  }
  expect(parsed('SELECT 1')).toEqual([['SELECT 1', 'SelectStmt']])
})
