import { describe, expect, it } from 'vitest'
import { readScript } from '../../src/migrations/script.ts'

const BREAK = '--> statement-breakpoint'

describe('a file is split', () => {
  it.each<[what: string, text: string, statements: string[]]>([
    ['nowhere where it has no mark', 'SELECT 1; SELECT 2;', ['SELECT 1; SELECT 2;']],
    ['at the mark, which is left out', `SELECT 1;\n${BREAK}\nSELECT 2;`, ['SELECT 1;\n', '\nSELECT 2;']],
    ['at the mark behind a statement', `SELECT 1;${BREAK}\nSELECT 2;`, ['SELECT 1;', '\nSELECT 2;']],
    ['at a mark in a string, as drizzle does', `SELECT '${BREAK}'`, ["SELECT '", "'"]],
    ['at a mark in a comment, as drizzle does', `-- ${BREAK} in a comment`, ['-- ', ' in a comment']],
    ['without what is empty', `${BREAK}\nSELECT 1;\n${BREAK}\n\t\n${BREAK}`, ['\nSELECT 1;\n']],
    ['at CRLF', `SELECT 1;\r\n${BREAK}\r\nSELECT 2;\r\n`, ['SELECT 1;\r\n', '\r\nSELECT 2;\r\n']],
    ['into nothing where there is nothing', ' \n', []],
    [
      'with its comments',
      `-- why\nSELECT 1;\n${BREAK}\n-- nothing more`,
      ['-- why\nSELECT 1;\n', '\n-- nothing more'],
    ],
  ])('%s', (_, text, statements) => {
    const script = readScript(text)
    expect(script.statements.map(statement => statement.text)).toEqual(statements)
    expect(script.statements.map(({ number }) => number)).toEqual(statements.map((_, index) => index + 1))
  })

  it('so that each piece is found again at its offset', () => {
    const texts = [
      `SELECT 1;\n${BREAK}\nSELECT 2;${BREAK}${BREAK}SELECT 3`,
      `/* ü 😀 */ VACUUM;\n-- then\nSELECT 2;\n${BREAK}\nCREATE INDEX CONCURRENTLY i ON t (a); SELECT 3`,
      '-- drizzle-ops: no-transaction\nSELECT 1; SELECT 2;\n',
    ]
    for (const text of texts) {
      const { statements } = readScript(text)
      expect(statements.length).toBeGreaterThan(1)
      for (const piece of statements)
        expect(text.slice(piece.offset, piece.offset + piece.text.length)).toBe(piece.text)
    }
  })
})

const refusing = [
  'VACUUM',
  'VACUUM (ANALYZE) users',
  'vacuum full users',
  'ALTER SYSTEM SET work_mem = 1',
  'CREATE DATABASE a',
  'ALTER DATABASE a SET TABLESPACE b',
  'DROP DATABASE IF EXISTS a',
  "CREATE TABLESPACE a LOCATION '/a'",
  'DROP TABLESPACE a',
  "CREATE SUBSCRIPTION a CONNECTION '' PUBLICATION b",
  'DROP SUBSCRIPTION a',
  'CREATE INDEX CONCURRENTLY i ON t (a)',
  'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)',
  'create /* now */ index -- and\n concurrently i on t (a)',
  'DROP INDEX CONCURRENTLY IF EXISTS i',
  'REINDEX INDEX CONCURRENTLY i',
  'REINDEX (VERBOSE, CONCURRENTLY) TABLE t',
  'REINDEX (VERBOSE) SCHEMA app',
  'REINDEX DATABASE app',
  'REINDEX SYSTEM app',
  'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
  'DISCARD ALL',
  'CLUSTER',
  'CLUSTER VERBOSE',
]

const willing = [
  '',
  'CREATE TABLE vacuum_log (id int)',
  "INSERT INTO notes VALUES ('VACUUM; CREATE DATABASE a')",
  '-- VACUUM\nSELECT 1',
  '/* COMMIT; */ SELECT 1',
  'CREATE INDEX i ON t (a)',
  'CREATE INDEX "CONCURRENTLY" ON t (a)',
  'DROP INDEX i',
  'REINDEX TABLE t',
  'REINDEX TABLE system',
  'REINDEX (VERBOSE) INDEX i',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
  'ALTER TABLE t DETACH PARTITION p',
  'ALTER DATABASE app SET work_mem = 1',
  'ALTER TABLE t CLUSTER ON i',
  'CLUSTER t USING i',
  'DISCARD PLANS',
  'ANALYZE',
  "ALTER TYPE mood ADD VALUE 'ok'",
  'SAVEPOINT a; ROLLBACK TO a; RELEASE a',
  'ROLLBACK WORK TO SAVEPOINT a',
  'SELECT 1 AS commit',
  "COMMENT ON TABLE t IS 'BEGIN'",
  'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$',
  'DO $do$ BEGIN PERFORM 1; END $do$',
  "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN COMMIT; END'",
  "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS E'BEGIN\\n it\\'s; COMMIT; END'",
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)',
]

const committing = [
  'COMMIT',
  'commit work',
  'COMMIT; CREATE INDEX CONCURRENTLY i ON t (a)',
  'SELECT 1; END',
  'BEGIN; SELECT 1; COMMIT',
  'START TRANSACTION',
  'ROLLBACK',
  'ABORT',
]

describe('a file runs', () => {
  it.each(willing)('in a transaction: %s', text => {
    expect(readScript(`${text};`).mode).toBe('file')
  })

  it.each(refusing)('outside of one: %s', text => {
    expect(readScript(`${text};`).mode).toBe('none')
    expect(readScript(`SELECT 1;\n${BREAK}\n${text}`).mode).toBe('none')
  })

  it.each(committing)('in the transaction that it ends itself: %s', text => {
    expect(readScript(`${text};`).mode).toBe('own')
  })

  it.each([
    ['-- drizzle-ops: no-transaction', 'none'],
    ['-- drizzle-ops: no-transaction\nSELECT 1', 'none'],
    ['  --drizzle-ops:no-transaction \r\nSELECT 1', 'none'],
    ['-- drizzle-ops: no-transaction\nCOMMIT', 'own'],
    ['\n-- drizzle-ops: no-transaction\nSELECT 1', 'file'],
    ['SELECT 1;\n-- drizzle-ops: no-transaction', 'file'],
    ['-- drizzle-ops: no-transaction please\nSELECT 1', 'file'],
  ])('as its first line asks: %o', (text, mode) => {
    expect(readScript(text).mode).toBe(mode)
  })
})

describe('what cannot stand in a transaction', () => {
  it('is sent by itself, and everything beside it', () => {
    const text = `SELECT 1; -- one\nCREATE INDEX CONCURRENTLY i ON t (a);\n/* last */ SELECT ';'\n${BREAK}\nSELECT 3;`
    const { statements } = readScript(text)
    expect(statements.map(({ number, offset, text }) => ({ number, offset, text }))).toEqual([
      { number: 1, offset: 0, text: 'SELECT 1;' },
      { number: 2, offset: 9, text: ' -- one\nCREATE INDEX CONCURRENTLY i ON t (a);' },
      { number: 3, offset: 54, text: "\n/* last */ SELECT ';'\n" },
      { number: 4, offset: 101, text: '\nSELECT 3;' },
    ])
  })

  it('is sent by itself where the first line asks for it', () => {
    const { statements } = readScript('-- drizzle-ops: no-transaction\nCALL backfill();\nCALL clean();\n')
    expect(statements.map(({ text }) => text)).toEqual([
      '-- drizzle-ops: no-transaction\nCALL backfill();',
      '\nCALL clean();',
    ])
  })
})

describe('where one statement ends and the next begins', () => {
  // a file with VACUUM is sent statement by statement, which shows the boundaries
  it.each<[what: string, first: string]>([
    ['a string', "SELECT ';'';'"],
    ['a string that ends with a backslash', "SELECT 'C:\\'"],
    ['an escape string', "SELECT E'\\';', e'\\\\;'''"],
    ['a string that follows a word', "SELECT date'2026-01-01', U&';', N';', B'0'"],
    ['a quoted identifier', 'SELECT ";"";"'],
    ['a dollar quote', 'SELECT $$;$$'],
    ['a dollar quote with a tag', "SELECT $a$ ; $b$ ; $$ ' $a$"],
    ['a dollar quote in another', 'DO $do$ BEGIN EXECUTE $q$ SELECT 1; $q$; END; $do$'],
    ['a word with dollars', 'SELECT a$b$, c$b$'],
    ['a parameter', 'PREPARE p AS SELECT $1, $2'],
    ['a line comment', "SELECT 1 -- ; it's\n"],
    ['a comment', "SELECT /* ; it's */ 1"],
    ['comments in comments', 'SELECT /* /* ; */ ; /*/* ; */*/ */ 1'],
    ['a comment that looks like an end', 'SELECT /*/ ; */ 1'],
    [
      'a body in the standard’s words',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
    ],
    [
      'a rule of several statements',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)',
    ],
    ['words of other letters', 'SELECT größe, 名前, "x" AS ünï'],
    ['an operator', "SELECT a - - b, c ->> 'd', e #- '{f}'"],
  ])('is not changed by %s', (_, first) => {
    expect(readScript(`${first};VACUUM`).statements.map(({ text }) => text)).toEqual([`${first};`, 'VACUUM'])
  })

  it.each<[what: string, text: string]>([
    ['a string', "VACUUM; SELECT 'a; SELECT 1;"],
    ['an escape string', "VACUUM; SELECT E'a\\'; SELECT 1;"],
    ['an identifier', 'VACUUM; SELECT "a; SELECT 1;'],
    ['a dollar quote', 'VACUUM; SELECT $a$ ; SELECT 1;'],
    ['a comment', 'VACUUM; SELECT /* ; /* ; */ SELECT 1;'],
    ['a body', 'VACUUM; CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT 2;'],
  ])('is left to the server where %s never ends', (_, text) => {
    expect(readScript(text).statements.map(piece => piece.text)).toEqual(['VACUUM;', text.slice(7)])
  })
})

it.each([
  ["SET lock_timeout = '5s'; SELECT 1", true],
  ['SET LOCAL statement_timeout TO 0', true],
  ['set session lock_timeout = 0', true],
  ['SET work_mem = 1', false],
  ["SELECT 'SET lock_timeout = 0'", false],
])('%s sets a timeout of its own: %s', (text, sets) => {
  expect(readScript(text).setsTimeouts).toBe(sets)
})

describe('megabytes are read, whatever they are:', () => {
  const filled = (text: string, size = 2_000_000) => text.repeat(Math.ceil(size / text.length))

  // each has grown with the square of its length, or overflowed a stack, in some splitter or other
  it.each<[what: string, text: string]>([
    ['10 MB of statements', filled('INSERT INTO t (a, b) VALUES (1, 2);\n', 10_000_000)],
    ['one statement of 10 MB', `INSERT INTO t VALUES ${filled("(1, 'abc'),\n", 10_000_000)}`],
    ['one string of 10 MB', `SELECT '${filled('x', 10_000_000)}'`],
    ['one string of doubled quotes', `SELECT '${filled("''")}'`],
    ['one string of escapes', `SELECT E'${filled("\\'")}'`],
    ['one string that never ends', `SELECT '${filled("''")}`],
    ['one identifier', `SELECT "${filled('x')}"`],
    ['one dollar quote', `SELECT $a$${filled('$')}$a$`],
    ['dollar quotes that never end', filled('$a$b')],
    ['one comment', `/*${filled('x')}*/`],
    ['comments in comments', filled('/*') + filled('*/')],
    ['comments that never end', filled('/*')],
    ['line comments', filled('-- x\n')],
    ['semicolons', filled(';')],
    ['parentheses', filled('(')],
    ['slashes and stars', filled('/ *')],
    ['minus signs apart', filled('- ')],
    ['one word', filled('x')],
    ['statements that are sent by themselves', filled('CREATE INDEX CONCURRENTLY i ON t (a);\n')],
    ['marks', filled(`SELECT 1;${BREAK}\n`)],
  ])('%s', (_, text) => {
    const { statements } = readScript(text)
    expect(statements.map(piece => piece.text).join(BREAK).length).toBeGreaterThan(text.length - 100)
  })
})

describe('drizzle cuts', () => {
  it.each<[what: string, text: string, cuts: boolean]>([
    ['a string', `SELECT 'a ${BREAK} b'`, true],
    ['an escape string', `SELECT E'\\' ${BREAK} b'`, true],
    ['a dollar quote', `DO $x$ BEGIN\n${BREAK}\nEND $x$`, true],
    ['a line comment', `SELECT 1; -- then ${BREAK} more`, true],
    ['a block comment', `/* /* */\n${BREAK}\n*/ SELECT 1`, true],
    [
      'nothing behind a closed string',
      `SELECT 'it''s'${BREAK}\nSELECT $$;$$\n${BREAK}\nSELECT E'\\''`,
      false,
    ],
    ['nothing behind a comment of its own line', `-- one\n${BREAK}\n/* two */${BREAK}\nSELECT 1`, false],
    ['nothing where the file ends within a comment', `SELECT 1;\n${BREAK}\nSELECT 2 -- the end`, false],
  ])('%s', (_, text, cuts) => {
    expect(readScript(text).cuts).toBe(cuts)
  })
})
