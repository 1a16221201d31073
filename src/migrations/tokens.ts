/** A piece of SQL text that the splitter tells apart. `word` is upper case. */
export interface Token {
  readonly kind: 'word' | 'semicolon' | 'open' | 'close' | 'other'
  readonly word: string
  readonly end: number
}

const LINE_COMMENT = /--[^\n\r]*/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const SPACE = /\s+/y
const COMMENT_EDGE = /\/\*|\*\//g
const STRING_EDGE = /'|\\/g

const PUNCTUATION: Readonly<Record<string, Token['kind']>> = { ';': 'semicolon', '(': 'open', ')': 'close' }

/**
 * Walks SQL text past comments, strings and dollar quotes, the way PostgreSQL's scanner does:
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html. Only what a statement boundary and a
 * leading keyword need; the real parser costs 190 ms of start-up.
 */
export function* tokens(text: string): Generator<Token> {
  let at = 0
  while (at < text.length) {
    const skipped = skip(text, at)
    if (skipped > at) {
      at = skipped
      continue
    }
    const word = match(WORD, text, at)
    if (word) {
      at += word.length
      yield { kind: 'word', word: word.toUpperCase(), end: at }
      continue
    }
    const kind = PUNCTUATION[text[at] ?? ''] ?? 'other'
    at = text[at] === '"' ? Math.min(endOfQuoted(text, at + 1, '"'), text.length) : at + 1
    yield { kind, word: '', end: at }
  }
}

/** The comments, strings and dollar quotes of a text, from where they begin to where they end. */
export function* hidden(text: string): Generator<readonly [from: number, to: number]> {
  let at = 0
  for (const { end } of [...tokens(text), { end: text.length }]) {
    for (let to = skip(text, at); to > at; to = skip(text, at)) {
      if (text[at]?.trim() !== '') yield [at, Math.min(to, text.length)]
      at = to
    }
    at = end
  }
}

/** Whether a text ends within a comment, a string or a dollar quote. `from`: where its last token ends. */
export function endsWithin(text: string, from: number): boolean {
  let at = from
  while (at < text.length) at = skip(text, at)
  return at > text.length
}

/**
 * The end of the white space, comment or string that begins at `at`, or `at`. Beyond the text where it is not closed:
 * what is put behind the text then belongs to it.
 */
function skip(text: string, at: number): number {
  const first = text[at]
  const space = match(SPACE, text, at)
  if (space !== undefined) return at + space.length
  const comment = first === '-' ? match(LINE_COMMENT, text, at) : undefined
  if (comment !== undefined) return at + comment.length + (at + comment.length === text.length ? 1 : 0)
  if (first === "'") return endOfQuoted(text, at + 1, "'")
  if (text[at + 1] === "'" && (first === 'e' || first === 'E')) return endOfEscapes(text, at + 2)
  if (first === '/' && text[at + 1] === '*') return endOfComment(text, at)
  const quote = first === '$' ? match(DOLLAR_QUOTE, text, at) : undefined
  if (quote === undefined) return at
  const close = text.indexOf(quote, at + quote.length)
  return close < 0 ? text.length + 1 : close + quote.length
}

/** Quotes are doubled within. Not one regular expression: a literal of some megabytes overflows its stack. */
function endOfQuoted(text: string, from: number, quote: string): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf(quote, at)
    if (at < 0) return text.length + 1
    if (text[at + 1] !== quote) return at + 1
  }
}

/** The same for E'…', where a backslash takes what follows it along. */
function endOfEscapes(text: string, from: number): number {
  STRING_EDGE.lastIndex = from
  for (let edge = STRING_EDGE.exec(text); edge; edge = STRING_EDGE.exec(text)) {
    if (edge[0] === "'" && text[STRING_EDGE.lastIndex] !== "'") return STRING_EDGE.lastIndex
    STRING_EDGE.lastIndex += 1
  }
  return text.length + 1
}

/** PostgreSQL's block comments nest. */
function endOfComment(text: string, at: number): number {
  let depth = 0
  COMMENT_EDGE.lastIndex = at
  for (let edge = COMMENT_EDGE.exec(text); edge; edge = COMMENT_EDGE.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) return COMMENT_EDGE.lastIndex
  }
  return text.length + 1
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
