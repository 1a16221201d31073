import { endsWithin, tokens } from './tokens.ts'

/** One piece of a file that is sent to the server as it is. */
export interface Statement {
  readonly text: string
  /** Where it begins in the file's text. */
  readonly offset: number
  /** Counts from 1. */
  readonly number: number
  /** Its first word, in upper case. */
  readonly verb: string
  readonly place: StatementPlace
}

/**
 * Where a statement of a file without a transaction runs: in one of its own, `outside` of any because it refuses
 * one, or in the `session`, which a SET changes for the statements behind it.
 */
export type StatementPlace = 'inside' | 'outside' | 'session'

/**
 * How a file runs. `file`: all of it and its history row in one transaction. `none`: it holds statements that
 * refuse to run in one. `own`: it commits by itself, the workaround that stock drizzle forces on people; it
 * begins in a transaction, as there.
 */
export type ScriptMode = 'file' | 'none' | 'own'

export interface Script {
  readonly mode: ScriptMode
  /** Whether the file sets lock_timeout or statement_timeout itself. */
  readonly setsTimeouts: boolean
  /** Whether the file holds a COPY, during which the server takes what follows for data. */
  readonly copies: boolean
  /** Whether such a COPY waits for data, which only psql sends after the statement. */
  readonly readsClient: boolean
  /** Whether drizzle cuts a string or a comment in two. */
  readonly cuts: boolean
  readonly statements: readonly Statement[]
}

const BREAKPOINT = '--> statement-breakpoint'
/** In the first line. */
const NO_TRANSACTION = /^[^\S\n]*--\s*drizzle-ops:\s*no-transaction[^\S\n]*(?:\n|$)/
const BLANK = /^\s*$/

/** Splits a migration where drizzle does, which knows nothing of strings and comments, and judges how it must run. */
export function readScript(text: string): Script {
  const chunks = splitAtBreakpoints(text)
  const taken = chunks.map(chunk => parts(chunk.text))
  const all = taken.flatMap(({ found }) => found).map(({ words }) => words)
  const outside = all.some(refusesTransaction)
  const controls = all.some(isTransactionControl)
  const asked = NO_TRANSACTION.test(text)
  const mode = controls ? 'own' : outside || asked ? 'none' : 'file'
  const pieces = chunks.flatMap((chunk, index) => {
    const statements = taken[index]?.found ?? []
    // several statements in one message are one implicit transaction
    const apart = mode === 'none' || statements.some(({ words }) => refusesTransaction(words))
    if (!apart) return [{ ...chunk, verb: statements[0]?.words[0] ?? '', place: 'inside' as const }]
    return statements.map(({ start, end, words }) => ({
      text: chunk.text.slice(start, end),
      offset: chunk.offset + start,
      verb: words[0] ?? '',
      place: placeOf(words, asked),
    }))
  })
  return {
    mode,
    setsTimeouts: all.some(setsTimeout),
    copies: all.some(([first]) => first === 'COPY'),
    readsClient: all.some(copiesFromClient),
    cuts: taken.slice(0, -1).some(({ isOpen }) => isOpen),
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

/**
 * The statements of a text by their semicolons; those in a `BEGIN ATOMIC … END` body belong to the function, and
 * those in parentheses to the rule.
 */
function parts(text: string): { readonly found: readonly Part[]; readonly isOpen: boolean } {
  const found: Part[] = []
  let start = 0
  let end = 0
  let words: string[] = []
  let depth = 0
  let parentheses = 0
  let last = ''
  for (const token of tokens(text)) {
    end = token.end
    if (token.word === 'ATOMIC' && last === 'BEGIN') depth = 1
    else if (depth > 0 && token.word === 'CASE') depth += 1
    else if (depth > 0 && token.word === 'END') depth -= 1
    else if (token.kind === 'open') parentheses += 1
    else if (token.kind === 'close') parentheses = Math.max(0, parentheses - 1)
    last = token.word
    if (token.kind === 'semicolon' && depth === 0 && parentheses === 0) {
      if (words.length > 0) found.push({ start, end, words })
      start = end
      words = []
    } else if (token.kind === 'word') words.push(token.word)
  }
  if (words.length > 0) found.push({ start, end: text.length, words })
  return { found, isOpen: endsWithin(text, end) }
}

function copiesFromClient(words: readonly string[]): boolean {
  return words[0] === 'COPY' && words.some((word, at) => word === 'FROM' && words[at + 1] === 'STDIN')
}

const TRANSACTION_CONTROL = ['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT']

function isTransactionControl(words: readonly string[]): boolean {
  const [first = '', second] = words
  if (first === 'ROLLBACK' && words.includes('TO')) return false
  if (first === 'PREPARE') return second === 'TRANSACTION'
  return TRANSACTION_CONTROL.includes(first)
}

/** A procedure or a DO block may commit by itself, which is why its file asked for no transaction. */
function placeOf(words: readonly string[], asked: boolean): StatementPlace {
  const [first = '', second] = words
  if (refusesTransaction(words) || (asked && ['CALL', 'DO'].includes(first))) return 'outside'
  return ['SET', 'RESET'].includes(first) && second !== 'LOCAL' && second !== 'CONSTRAINTS'
    ? 'session'
    : 'inside'
}

const TIMEOUTS = ['LOCK_TIMEOUT', 'STATEMENT_TIMEOUT']

function setsTimeout(words: readonly string[]): boolean {
  return words[0] === 'SET' && words.slice(1, 3).some(word => TIMEOUTS.includes(word))
}

const DATABASE_WIDE = ['DATABASE', 'TABLESPACE', 'SUBSCRIPTION']
const WHOLE_CATALOGS = ['DATABASE', 'SYSTEM', 'SCHEMA']

/** What stands after the options in `REINDEX (VERBOSE) SCHEMA app`. */
function isReindexTarget(word: string): boolean {
  return word === 'INDEX' || word === 'TABLE' || WHOLE_CATALOGS.includes(word)
}

/** Statements for which PostgreSQL calls PreventInTransactionBlock. */
function refusesTransaction(words: readonly string[]): boolean {
  const [first = '', second = '', third = ''] = words
  switch (first) {
    case 'VACUUM':
      return true
    case 'ALTER':
      if (second === 'SYSTEM' || (second === 'DATABASE' && words.includes('TABLESPACE'))) return true
      return second === 'TABLE' && words.includes('DETACH') && words.includes('CONCURRENTLY')
    case 'CREATE':
      if (second === 'INDEX' || (second === 'UNIQUE' && third === 'INDEX'))
        return words.includes('CONCURRENTLY')
      return DATABASE_WIDE.includes(second)
    case 'DROP':
      return (second === 'INDEX' && words.includes('CONCURRENTLY')) || DATABASE_WIDE.includes(second)
    case 'REINDEX':
      return words.includes('CONCURRENTLY') || WHOLE_CATALOGS.includes(words.find(isReindexTarget) ?? '')
    case 'DISCARD':
      return second === 'ALL'
    case 'CLUSTER':
      return second === '' || (second === 'VERBOSE' && third === '')
    default:
      return false
  }
}
