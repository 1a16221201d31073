import { readScript, type ScriptMode, type Statement } from '../migrations/script.ts'
import { hidden } from '../migrations/tokens.ts'
import type { ParsedStatement, Parser } from '../sql/parse.ts'
import { as } from '../sql/tree.ts'

/** A migration file, or any other with SQL. */
export interface SqlFile {
  /** As findings name it. */
  readonly file: string
  readonly text: string
}

/** One statement of a file. */
export interface FileStatement extends ParsedStatement {
  /** As failures count them: pieces of the file that are sent as they are. */
  readonly number: number
  /** Counts from 1. */
  readonly line: number
  /** Its own text, without the semicolon. */
  readonly sql: string
  /** Statements of one number commit together. */
  readonly transaction: number
}

/** A file in the pieces that drizzle sends. */
export interface CutFile extends SqlFile {
  readonly mode: ScriptMode
  readonly pieces: readonly Statement[]
  /** Where drizzle would cut a string or a comment. */
  readonly strayMarkers: readonly StrayMarker[]
}

/** A file taken apart. `start` and `end` of its statements count in the file's text. */
export interface LintScript extends Omit<CutFile, 'pieces'> {
  /** Whether the first line asks for no transaction. */
  readonly asked: boolean
  readonly statements: readonly FileStatement[]
}

export interface StrayMarker {
  readonly at: number
  /** Where the string or the comment begins. */
  readonly from: number
}

export const MARKER = '--> statement-breakpoint'
/** The first line that makes a file run without a transaction. */
export const NO_TRANSACTION = '-- drizzle-ops: no-transaction'
const ASKED = /^[^\S\n]*--\s*drizzle-ops:\s*no-transaction[^\S\n]*(?:\n|$)/
const END = /[\s;]+$/

export function readLintScript(file: SqlFile, parser: Parser): LintScript {
  return parseFile(cutFile(file), parser)
}

export function cutFile({ file, text }: SqlFile): CutFile {
  const cut = readScript(text)
  const strayMarkers = cut.cuts ? findStrayMarkers(text) : []
  // what drizzle has cut could not be parsed
  const { mode, statements } = strayMarkers.length > 0 ? readScript(without(strayMarkers, text)) : cut
  return { file, text, mode, pieces: statements, strayMarkers }
}

export function parseFile({ file, text, mode, pieces, strayMarkers }: CutFile, parser: Parser): LintScript {
  const transactions = countTransactions(mode)
  const lineAt = lineCounter(text)
  return {
    file,
    text,
    mode,
    asked: ASKED.test(text),
    strayMarkers,
    statements: pieces.flatMap(piece =>
      parser.parse(piece.text).map(parsed => {
        const start = piece.offset + parsed.start
        return {
          ...parsed,
          start,
          end: piece.offset + parsed.end,
          number: piece.number,
          line: lineAt(start),
          sql: text.slice(start, piece.offset + parsed.end).replace(END, ''),
          transaction: transactions(piece, parsed),
        }
      }),
    ),
  }
}

function findStrayMarkers(text: string): StrayMarker[] {
  return [...hidden(text)].flatMap(([from, to]) => {
    const found: StrayMarker[] = []
    for (let at = text.indexOf(MARKER, from + 1); at > 0 && at < to; at = text.indexOf(MARKER, at + 1))
      found.push({ at, from })
    return found
  })
}

function without(markers: readonly StrayMarker[], text: string): string {
  return markers.reduce(
    (whole, { at }) => `${whole.slice(0, at)}${' '.repeat(MARKER.length)}${whole.slice(at + MARKER.length)}`,
    text,
  )
}

/** Numbers the transactions of a file. One that commits by itself begins in one, as with stock drizzle. */
function countTransactions(mode: ScriptMode): (piece: Statement, parsed: ParsedStatement) => number {
  let number = 0
  let piece = 0
  let open = mode !== 'none'
  return (statement, { tree }) => {
    if (mode === 'file') return 0
    const kind = as('TransactionStmt', tree)?.kind
    if (mode === 'own' && kind) {
      open = kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START'
      number += 1
    } else if (!open && piece !== statement.number) number += 1
    piece = statement.number
    return number
  }
}

/** The lines of a text by offset, which must be asked for in rising order. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let at = 0
  return offset => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', at)) {
      line += 1
      at = next + 1
    }
    return line
  }
}
