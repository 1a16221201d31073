import { describe, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { failureDocument, failureText } from '../../src/output/failure.ts'

const facts = { code: 'migration-failed', message: 'It failed.', hint: 'Mend it.' }
const database = { name: 'app', host: 'h', port: 5432, user: 'ann', source: '--url' }

describe('an error for people', () => {
  it('says what happened and what to do', async () => {
    expect(await failureText(new OpsError(facts))).toBe(
      'error: It failed. [migration-failed]\n  → Mend it.\n',
    )
  })

  it('has its SQLSTATE, and every line of its text', async () => {
    const error = new OpsError({ ...facts, message: 'One.\nTwo.', hint: 'a\nb', sqlstate: '42601' })
    expect(await failureText(error)).toBe(
      'error: One.\n    Two. [migration-failed, SQLSTATE 42601]\n  → a\n    b\n',
    )
  })

  it.each<[what: string, excerpt: string, column: number, shown: string]>([
    ['letters', 'SELECT x FROM y', 8, '  7 | SELECT x FROM y\n             ^'],
    ['the beginning', 'SELECT', 1, '  7 | SELECT\n      ^'],
    ['the end', 'SELECT', 7, '  7 | SELECT\n            ^'],
    ['tabs', '\t\tSELECT', 3, '  7 | \\t\\tSELECT\n          ^'],
    ['wide characters', "'名前' x", 6, "  7 | '名前' x\n             ^"],
    ['characters outside of the first plane', "'😀' x", 5, "  7 | '😀' x\n           ^"],
    ['an escape sequence', '\u001b[2Jx', 5, '  7 | \\u001b[2Jx\n               ^'],
    [
      'a long line',
      `${'a'.repeat(500)}b${'c'.repeat(500)}`,
      501,
      `  7 | …${'a'.repeat(60)}b${'c'.repeat(59)}…\n${' '.repeat(67)}^`,
    ],
  ])('draws the caret below its place after %s', async (_, excerpt, column, shown) => {
    const error = new OpsError({ ...facts, where: { file: 'a.sql', line: 7, column, excerpt } })
    expect(await failureText(error)).toBe(`error: It failed. [migration-failed]\n${shown}\n  → Mend it.\n`)
  })

  it('shows what could steer the terminal', async () => {
    expect(await failureText(new OpsError({ ...facts, message: 'a\u001b[2J', hint: '\u202e' }))).toBe(
      'error: a\\u001b[2J [migration-failed]\n  → \\u202e\n',
    )
  })

  it('holds no password', async () => {
    const message = "postgres://ann:hunter2@h/d, ?password=hunter2, PASSWORD 'hunter2'"
    const where = { file: 'a.sql', line: 1, column: 1, excerpt: message }
    expect(await failureText(new OpsError({ ...facts, message, hint: message, where }))).not.toContain(
      'hunter2',
    )
    expect(await failureText(new Error(message))).not.toContain('hunter2')
    expect(
      failureDocument(new OpsError({ ...facts, message, known: { applied: [message] } }), { format: 'json' }),
    ).not.toContain('hunter2')
  })

  it('is a bug, with its stack, where it is none of ours', async () => {
    const bug = new Error('x is not a function')
    expect(await failureText(bug)).toBe(
      `This is a bug in drizzle-ops. Please report it with what you typed:\n${bug.stack}\n`,
    )
    expect(await failureText('a word')).toContain('\na word\n')
  })
})

describe('the document of a failure', () => {
  it('has all that is known, and no excerpt', () => {
    const where = { file: 'a.sql', statement: 2, line: 7, column: 3, excerpt: 'SELECT' }
    const error = new OpsError({ ...facts, sqlstate: '42601', where, known: { applied: [], pending: ['b'] } })
    expect(JSON.parse(failureDocument(error, { format: 'json', database }))).toEqual({
      schemaVersion: 1,
      database,
      applied: [],
      pending: ['b'],
      error: { ...facts, sqlstate: '42601', where: { file: 'a.sql', statement: 2, line: 7, column: 3 } },
    })
  })

  it('leaves out what is not', () => {
    const text = failureDocument(new OpsError({ ...facts, where: { file: 'a.sql' } }), { format: 'ndjson' })
    expect(text).toBe(
      '{"schemaVersion":1,"error":{"code":"migration-failed","message":"It failed.","hint":"Mend it.","where":{"file":"a.sql"}}}\n',
    )
  })

  it('of a bug keeps the stack to itself', () => {
    expect(JSON.parse(failureDocument(new TypeError('no'), { format: 'json' }))).toEqual({
      schemaVersion: 1,
      error: {
        code: 'bug',
        message: 'no',
        hint: 'Please report this with what you typed; the stack is on stderr.',
      },
    })
  })
})
