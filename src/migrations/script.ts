import { tokens } from './tokens.ts'

/** One piece of a file that is sent to the server as it is. */
export interface Statement {
  readonly text: string
  /** Where it begins in the file's text. */
  readonly offset: number
  /** Counts from 1. */
  readonly number: number
  /** Whether it runs outside transactions only. */
  readonly patient: boolean
}

/**
 * How a file runs. `file`: all of it and its history row in one transaction. `none`: it holds statements that
 * refuse to run in one. `own`: it commits by itself, the workaround that stock drizzle forces on people; it
 * begins in a transaction, as there.
 */
export type ScriptMode = 'file' | 'none' | 'own'

export interface Script {
  readonly mode: ScriptMode
  readonly statements: readonly Statement[]
}

const BREAKPOINT = '--> statement-breakpoint'
const NO_TRANSACTION = /^\s*--\s*drizzle-ops:\s*no-transaction\s*$/m
const BLANK = /^\s*$/

/** Splits a migration where drizzle does, which knows nothing of strings and comments, and judges how it must run. */
export function readScript(text: string): Script {
  const chunks = splitAtBreakpoints(text)
  const kinds = chunks.map(chunk => parts(chunk.text))
  const outside = kinds.flat().some(({ words }) => refusesTransaction(words))
  const controls = kinds.flat().some(({ words }) => isTransactionControl(words))
  const pieces = chunks.flatMap((chunk, index) => {
    const statements = kinds[index] ?? []
    // several statements in one message are one implicit transaction
    return statements.some(({ words }) => refusesTransaction(words))
      ? statements.map(({ start, end, words }) => ({
          text: chunk.text.slice(start, end),
          offset: chunk.offset + start,
          patient: refusesTransaction(words),
        }))
      : [{ ...chunk, patient: false }]
  })
  const asked = NO_TRANSACTION.test(text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n')))
  return {
    mode: controls ? 'own' : outside || asked ? 'none' : 'file',
    statements: pieces
      .filter(piece => !BLANK.test(piece.text))
      .map((piece, index) => ({ ...piece, number: index + 1 })),
  }
}

function splitAtBreakpoints(text: string): { text: string; offset: number }[] {
  let offset = 0
  return text.split(BREAKPOINT).map(chunk => {
    const piece = { text: chunk, offset }
    offset += chunk.length + BREAKPOINT.length
    return piece
  })
}

interface Part {
  readonly start: number
  readonly end: number
  /** The words at the top level of the statement, upper case, without strings and comments. */
  readonly words: readonly string[]
}

/** The statements of a text by their semicolons; those in a `BEGIN ATOMIC … END` body belong to the function. */
function parts(text: string): Part[] {
  const found: Part[] = []
  let start = 0
  let end = 0
  let words: string[] = []
  let depth = 0
  let last = ''
  for (const token of tokens(text)) {
    end = token.end
    if (token.word === 'ATOMIC' && last === 'BEGIN') depth = 1
    else if (depth > 0 && token.word === 'CASE') depth += 1
    else if (depth > 0 && token.word === 'END') depth -= 1
    last = token.word
    if (token.kind === 'semicolon' && depth === 0) {
      if (words.length > 0) found.push({ start, end, words })
      start = end
      words = []
    } else if (token.kind === 'word') words.push(token.word)
  }
  if (words.length > 0) found.push({ start, end: text.length, words })
  return found
}

const TRANSACTION_CONTROL = ['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT']

function isTransactionControl([first = '', second]: readonly string[]): boolean {
  if (first === 'ROLLBACK' && second === 'TO') return false
  return TRANSACTION_CONTROL.includes(first)
}

const DATABASE_WIDE = ['DATABASE', 'TABLESPACE', 'SUBSCRIPTION']

/** Statements for which PostgreSQL calls PreventInTransactionBlock. */
function refusesTransaction(words: readonly string[]): boolean {
  const [first = '', second = '', third = ''] = words
  switch (first) {
    case 'VACUUM':
      return true
    case 'ALTER':
      if (second === 'SYSTEM') return true
      return second === 'TABLE' && words.includes('DETACH') && words.includes('CONCURRENTLY')
    case 'CREATE':
      if (second === 'INDEX' || (second === 'UNIQUE' && third === 'INDEX'))
        return words.includes('CONCURRENTLY')
      return DATABASE_WIDE.includes(second)
    case 'DROP':
      return (second === 'INDEX' && words.includes('CONCURRENTLY')) || DATABASE_WIDE.includes(second)
    case 'REINDEX':
      return words.includes('CONCURRENTLY') || ['DATABASE', 'SYSTEM', 'SCHEMA'].includes(second)
    default:
      return false
  }
}
