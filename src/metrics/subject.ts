/** What a statement does, and to which table: both from its text alone. */
export interface Subject {
  /** Its first word, or what a WITH does to a table; `other` where it is not a word of SQL that we know. */
  readonly operation: string
  /** The first table that it names, as it is written but for the quotes; empty where it names none. */
  readonly table: string
}

/** So that texts of any kind make no more than so many series. */
const OPERATIONS = new Set(
  (
    'select insert update delete merge truncate copy values begin commit rollback savepoint release set reset show ' +
    'create alter drop comment grant revoke lock explain analyze vacuum reindex refresh do call declare fetch close'
  ).split(' '),
)

const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//g
const STRING = /'(?:[^']|'')*'/g
/** `extract(year FROM created_at)`, and what is distinct from something, name no table. */
const OTHER_FROM = /\b(?:extract|substring|trim|overlay)\s*\([^()]*\)|\bdistinct\s+from\b/gi
const WRITING = /(?<!\bfor )\b(insert|update|delete|merge)(?:\s+into|\s+from)?\s+["\w]/i
const WORD = /^[\s(]*([a-z]+)/i
const NAME = '(?:"(?:[^"]|"")+"|[a-z_][\\w$]*)'
/** `for update of`, `before update on` and `do update set` name no table where they stand. */
const TABLE = new RegExp(
  `\\b(?:into|update|table|truncate|copy|on|(from|join))\\s+(?:if\\s+(?:not\\s+)?exists\\s+|only\\s+|table\\s+)*(?!(?:of|on|set)\\b)(${NAME}(?:\\.${NAME})?)(\\s*\\()?`,
  'gi',
)

export function subjectOf(text: string): Subject {
  const bare = text.replace(STRING, "''").replace(COMMENT, ' ').replace(OTHER_FROM, ' ')
  return { operation: operationOf(bare), table: tableOf(bare) }
}

function operationOf(text: string): string {
  const word = WORD.exec(text)?.[1]?.toLowerCase() ?? ''
  if (word === 'with') return (WRITING.exec(text)?.[1] ?? 'select').toLowerCase()
  return OPERATIONS.has(word) ? word : 'other'
}

function tableOf(text: string): string {
  // `from generate_series(` is a function, and `insert into notes (` is not
  for (const [, from, name = '', called] of text.matchAll(TABLE)) if (!(from && called)) return unquoted(name)
  return ''
}

function unquoted(name: string): string {
  return name.replaceAll(/"((?:[^"]|"")*)"/g, (_, word: string) => word.replaceAll('""', '"'))
}
