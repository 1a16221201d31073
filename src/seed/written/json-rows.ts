import { OpsError } from '../../errors.ts'

export interface JsonRow {
  readonly values: Readonly<Record<string, unknown>>
  /** As the file writes it: JavaScript would round its numbers. */
  readonly text: string
  /** Where it begins in the file, from 1. */
  readonly line: number
}

export interface JsonTable {
  readonly name: string
  readonly rows: readonly JsonRow[]
}

const WHITE_SPACE = /\s+/g
/** A string as a whole, a bracket, or a line's end: all that tells where rows begin. */
const MARKS = /"(?:[^"\\]|\\.)*"|[[\]{}\n]/g
/** Rows are objects, within a table's array, within the file's object. */
const ROW_DEPTH = 3

/** The rows of a file by table, each with its line. Throws OpsError `seed-file`, exit 2. */
export function parseRows(file: string, text: string): JsonTable[] {
  const tables = Object.entries(parsed(file, text))
  const places = placesOfRows(text)
  return tables.map(([name, rows]) => {
    if (!Array.isArray(rows) || !rows.every(isObject)) throw unlike(file, `${name} is no array of objects`)
    return { name, rows: rows.map(values => ({ values, ...(places.next().value ?? NOWHERE) })) }
  })
}

function parsed(file: string, text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unlike(file, `it is not JSON: ${(cause as Error).message.replace(WHITE_SPACE, ' ')}`)
  }
  if (!isObject(value)) throw unlike(file, 'it is no object')
  return value
}

const NOWHERE = { line: 1, text: '{}' }

function* placesOfRows(text: string): Generator<Omit<JsonRow, 'values'>, undefined> {
  let line = 1
  let depth = 0
  let begun = { line, at: 0 }
  for (const { 0: mark, index: at } of text.matchAll(MARKS)) {
    if (mark === '\n') line += 1
    else if (mark === '{' || mark === '[') {
      depth += 1
      if (depth === ROW_DEPTH) begun = { line, at }
    } else if (mark === '}' || mark === ']') {
      if (depth === ROW_DEPTH) yield { line: begun.line, text: text.slice(begun.at, at + 1) }
      depth -= 1
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unlike(file: string, why: string): OpsError {
  return new OpsError({
    code: 'seed-file',
    message: `${file} holds no rows by table: ${why}.`,
    hint: 'Write { "users": [{ "id": 1, "email": "ada@example.com" }] }.',
    exit: 2,
    where: { file },
  })
}
