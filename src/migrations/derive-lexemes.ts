import { tokens } from './tokens.ts'

/** A statement by itself, and where it begins in the text. */
export interface Part {
  readonly text: string
  readonly offset: number
}

interface Lexeme {
  /** Upper case; empty for a quoted name and for punctuation. */
  readonly word: string
  /** As the catalog has it, where this can be a name. */
  readonly name: string
  readonly symbol: string
  readonly end: number
}

const QUOTED = /"((?:[^"]|"")*)"$/

/** The statements of a text by their semicolons, each from its first word on: comments before it are no part of it. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let start: number | undefined
  for (const { kind, word, end } of tokens(text)) {
    if (kind !== 'semicolon') start ??= end - Math.max(word.length, 1)
    else if (start !== undefined) {
      parts.push({ text: text.slice(start, end), offset: start })
      start = undefined
    }
  }
  if (start !== undefined) parts.push({ text: text.slice(start).trimEnd(), offset: start })
  return parts
}

export type Reader = ReturnType<typeof readerOf>

/** Goes through a statement word by word, past comments and strings. */
export function readerOf(text: string) {
  const lexemes = lexemesOf(text)
  let at = 0
  const peek = (): Lexeme => lexemes[at] ?? { word: '', name: '', symbol: '', end: text.length }
  const reader = {
    /** Goes past the words if they come next. */
    take(...words: readonly string[]): boolean {
      if (!words.every((word, index) => lexemes[at + index]?.word === word)) return false
      at += words.length
      return true
    },
    symbol(symbol: string): boolean {
      if (peek().symbol !== symbol) return false
      at += 1
      return true
    },
    name(): string {
      const { name } = peek()
      at += 1
      return name
    },
    qualified(): { readonly schema: string; readonly name: string } {
      const first = reader.name()
      return reader.symbol('.') ? { schema: first, name: reader.name() } : { schema: 'public', name: first }
    },
    /** Goes to what follows the next comma outside of parentheses. */
    nextClause(): boolean {
      for (let depth = 0; at < lexemes.length; at += 1) {
        const { symbol } = peek()
        if (symbol === '(') depth += 1
        else if (symbol === ')') depth -= 1
        else if (symbol === ',' && depth === 0) return reader.symbol(',')
      }
      return false
    },
    /** The text up to one of the words, or to a comma outside of parentheses. */
    until(...words: readonly string[]): string {
      const start = lexemes[at - 1]?.end ?? 0
      let end = start
      for (let depth = 0; at < lexemes.length && !words.includes(peek().word); at += 1) {
        const { symbol } = peek()
        if (symbol === '(') depth += 1
        else if (symbol === ')') depth -= 1
        else if (symbol === ',' && depth === 0) break
        end = peek().end
      }
      return text.slice(start, end).trim()
    },
  }
  return reader
}

function lexemesOf(text: string): Lexeme[] {
  let before = 0
  return [...tokens(text)]
    .filter(({ kind }) => kind !== 'semicolon')
    .map(({ word, end }) => {
      const own = text.slice(before, end)
      before = end
      const quoted = word ? undefined : QUOTED.exec(own)?.[1]
      return {
        word,
        name: quoted?.replaceAll('""', '"') ?? word.toLowerCase(),
        symbol: word || quoted !== undefined ? '' : own.slice(-1),
        end,
      }
    })
}
