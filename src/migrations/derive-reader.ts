import { tokens } from './tokens.ts'

/** What one clause of a DDL statement does, and to what. */
export interface Action {
  readonly verb: 'create' | 'drop' | 'alter' | 'rename' | 'move'
  readonly kind: ActionKind
  readonly schema: string
  /** The table that a column, constraint, index or policy belongs to; empty where the statement does not say. */
  readonly table: string
  readonly name: string
  /** The new name, schema or type. */
  readonly to?: string
}

export type ActionKind =
  | 'schema'
  | 'type'
  | 'sequence'
  | 'role'
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'policy'
  | 'view'

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

/** drizzle-kit up to 0.30 wrapped what may exist already. */
const WRAPPED =
  /^\s*DO \$\$ BEGIN\s+([\s\S]*?;)\s*EXCEPTION\s+WHEN duplicate_object THEN null;\s*END \$\$;?\s*$/
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

/** What a statement of the kinds that drizzle-kit writes does; undefined for any other. */
export function readDdl(text: string): Action[] | undefined {
  const wrapped = WRAPPED.exec(text)
  const reader = readerOf(wrapped?.[1] ?? text)
  if (reader.take('CREATE')) return readCreate(reader)
  if (reader.take('DROP')) return readDrop(reader)
  return reader.take('ALTER') ? readAlter(reader) : undefined
}

type Reader = ReturnType<typeof readerOf>

function readerOf(text: string) {
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

const KINDS: Readonly<Record<string, ActionKind>> = {
  SCHEMA: 'schema',
  TYPE: 'type',
  SEQUENCE: 'sequence',
  ROLE: 'role',
  TABLE: 'table',
  VIEW: 'view',
  INDEX: 'index',
}

function readKind(reader: Reader): ActionKind | undefined {
  reader.take('MATERIALIZED')
  return Object.entries(KINDS).find(([word]) => reader.take(word))?.[1]
}

function readCreate(reader: Reader): Action[] | undefined {
  reader.take('OR', 'REPLACE')
  reader.take('UNIQUE')
  if (reader.take('POLICY')) return [{ verb: 'create', ...readPolicy(reader) }]
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('CONCURRENTLY')
  reader.take('IF', 'NOT', 'EXISTS')
  const { schema, name } = reader.qualified()
  if (kind === 'type' && !reader.take('AS', 'ENUM')) return undefined
  if (kind !== 'index') return [{ verb: 'create', kind, ...scoped(kind, schema, name), table: '' }]
  // CREATE INDEX ON t leaves the name to the server
  if (!reader.take('ON')) return undefined
  reader.take('ONLY')
  const on = reader.qualified()
  return [{ verb: 'create', kind, schema: on.schema, table: on.name, name }]
}

function readDrop(reader: Reader): Action[] | undefined {
  if (reader.take('POLICY')) {
    reader.take('IF', 'EXISTS')
    return [{ verb: 'drop', ...readPolicy(reader) }]
  }
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('CONCURRENTLY')
  reader.take('IF', 'EXISTS')
  const actions: Action[] = []
  do {
    const { schema, name } = reader.qualified()
    actions.push({ verb: 'drop', kind, ...scoped(kind, schema, name), table: '' })
  } while (reader.nextClause())
  return actions
}

function readAlter(reader: Reader): Action[] | undefined {
  if (reader.take('POLICY')) return [{ verb: 'alter', ...readPolicy(reader) }]
  const kind = readKind(reader)
  if (!kind) return undefined
  reader.take('IF', 'EXISTS')
  reader.take('ONLY')
  const { schema, name } = reader.qualified()
  const own = { kind, ...scoped(kind, schema, name), table: '' }
  if (reader.take('RENAME', 'TO')) return [{ verb: 'rename', ...own, to: reader.name() }]
  if (reader.take('SET', 'SCHEMA')) return [{ verb: 'move', ...own, to: reader.name() }]
  if (kind === 'table') return readClauses(reader, schema, name)
  if (kind === 'type' && reader.take('RENAME', 'VALUE')) return undefined
  return [{ verb: 'alter', ...own }]
}

function readClauses(reader: Reader, schema: string, table: string): Action[] | undefined {
  const actions: Action[] = []
  do {
    const clause = readClause(reader)
    if (!clause) return undefined
    actions.push({ schema, table, ...clause })
  } while (reader.nextClause())
  return actions
}

type Clause = Pick<Action, 'verb' | 'kind' | 'name'> & { readonly table?: string; readonly to?: string }

function readClause(reader: Reader): Clause | undefined {
  if (reader.take('ADD')) return readAdd(reader)
  if (reader.take('DROP')) {
    const kind = reader.take('CONSTRAINT') ? 'constraint' : 'column'
    if (kind === 'column') reader.take('COLUMN')
    reader.take('IF', 'EXISTS')
    return { verb: 'drop', kind, name: reader.name() }
  }
  if (reader.take('ALTER')) {
    if (reader.take('CONSTRAINT')) return { verb: 'alter', kind: 'constraint', name: reader.name() }
    reader.take('COLUMN')
    const name = reader.name()
    const typed = reader.take('SET', 'DATA', 'TYPE') || reader.take('TYPE')
    return { verb: 'alter', kind: 'column', name, ...(typed && { to: reader.until('USING', 'COLLATE') }) }
  }
  if (reader.take('VALIDATE', 'CONSTRAINT')) return { verb: 'alter', kind: 'constraint', name: reader.name() }
  if (reader.take('RENAME')) {
    const kind = reader.take('CONSTRAINT') ? 'constraint' : 'column'
    reader.take('COLUMN')
    const name = reader.name()
    return reader.take('TO') ? { verb: 'rename', kind, name, to: reader.name() } : undefined
  }
  const security =
    reader.take('ENABLE', 'ROW') ||
    reader.take('DISABLE', 'ROW') ||
    reader.take('FORCE', 'ROW') ||
    reader.take('NO', 'FORCE', 'ROW')
  // row level security, which is the table's own
  return security ? { verb: 'alter', kind: 'table', name: '' } : undefined
}

const UNNAMED = ['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'EXCLUDE']

function readAdd(reader: Reader): Clause | undefined {
  if (reader.take('CONSTRAINT')) return { verb: 'create', kind: 'constraint', name: reader.name() }
  if (UNNAMED.some(word => reader.take(word))) return { verb: 'create', kind: 'constraint', name: '' }
  reader.take('COLUMN')
  reader.take('IF', 'NOT', 'EXISTS')
  return { verb: 'create', kind: 'column', name: reader.name() }
}

function readPolicy(reader: Reader): Omit<Action, 'verb'> {
  const name = reader.name()
  reader.take('ON')
  const on = reader.qualified()
  return { kind: 'policy', schema: on.schema, table: on.name, name }
}

/** Schemas and roles stand in no schema. */
function scoped(kind: ActionKind, schema: string, name: string): { schema: string; name: string } {
  return kind === 'schema' || kind === 'role' ? { schema: '', name } : { schema, name }
}
