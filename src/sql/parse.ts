import type { Node } from 'libpg-query'
import { tokens } from '../migrations/tokens.ts'
import { queriesOfBlock } from './plpgsql.ts'

/** One statement of a text. `start` and `end` count characters as JavaScript does; comments before it are left out. */
export interface ParsedStatement {
  readonly start: number
  readonly end: number
  /** PostgreSQL's own parse tree; undefined where the text could not be parsed. */
  readonly tree: Node | undefined
  /** Why there is no tree. */
  readonly reason?: string
  /** The statements of a DO block that does nothing but run them, as drizzle-kit writes it round what may exist. */
  readonly inner?: readonly InnerStatement[]
}

export interface InnerStatement extends ParsedStatement {
  /** Its own text, in which `start` and `end` count. */
  readonly text: string
}

/** PostgreSQL's grammar, version 18: older servers know less of it, newer ones more. */
export interface Parser {
  /** Never throws. What cannot be parsed comes back without a tree. */
  parse(text: string): ParsedStatement[]
}

/** Beyond this the tree of one text takes hundreds of megabytes. */
const LONGEST = 1_000_000
const COMMENTS = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y

export async function loadParser(): Promise<Parser> {
  const { startParser } = await import('./postgres-parser.ts')
  const { parseSql, parsePlpgsql } = await startParser()
  const parseWhole = (text: string): ParsedStatement[] => {
    if (text.includes('\0')) throw new Error('it holds a zero byte')
    if (text.trim() === '') return []
    const { stmts = [] } = parseSql(text)
    const characters = byteToCharacter(text)
    return stmts.map(({ stmt, stmt_location: at = 0, stmt_len: length }) => {
      const start = skipComments(text, characters(at))
      const queries = queriesOfBlock(stmt, parsePlpgsql)
      return {
        start,
        end: length ? characters(at + length) : text.length,
        tree: stmt,
        ...(queries && {
          inner: queries.flatMap(query => parse(query).map(each => ({ ...each, text: query }))),
        }),
      }
    })
  }
  const parse = (text: string): ParsedStatement[] => {
    if (text.length > LONGEST) return [unparsed(text, 0, text.length, 'it is longer than 1 MB')]
    try {
      return parseWhole(text)
    } catch {
      return pieces(text).flatMap(([start, end]) => parsePiece(text, start, end, parseWhole))
    }
  }
  return { parse }
}

/** One statement by itself, so that a faulty one does not hide the others. */
function parsePiece(
  text: string,
  from: number,
  to: number,
  parse: (text: string) => ParsedStatement[],
): ParsedStatement[] {
  try {
    return parse(text.slice(from, to)).map(each => ({
      ...each,
      start: from + each.start,
      end: from + each.end,
    }))
  } catch (error) {
    return [
      unparsed(text, from, to, error instanceof RangeError ? 'it is too deep' : (error as Error).message),
    ]
  }
}

function unparsed(text: string, from: number, to: number, reason: string): ParsedStatement {
  return { start: skipComments(text, from), end: to, tree: undefined, reason }
}

/** The text between semicolons. A BEGIN ATOMIC body comes apart, and its parts are then told as not parsed. */
function pieces(text: string): (readonly [from: number, to: number])[] {
  const ends = [...tokens(text)].filter(({ kind }) => kind === 'semicolon').map(({ end }) => end)
  return [...ends.map(end => end - 1), text.length].map((to, index) => [ends[index - 1] ?? 0, to])
}

function skipComments(text: string, from: number): number {
  COMMENTS.lastIndex = from
  return COMMENTS.test(text) ? COMMENTS.lastIndex : from
}

/** The parser counts bytes of UTF-8. The offsets must be asked for in rising order. */
function byteToCharacter(text: string): (offset: number) => number {
  if (Buffer.byteLength(text) === text.length) return offset => offset
  let byte = 0
  let character = 0
  return offset => {
    while (byte < offset && character < text.length) {
      const point = text.codePointAt(character) ?? 0
      byte += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      character += point < 0x10000 ? 1 : 2
    }
    return character
  }
}
