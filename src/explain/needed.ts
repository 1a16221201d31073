/** The least that a statement needs on an object: https://www.postgresql.org/docs/current/ddl-priv.html */
export interface Needed {
  readonly privileges: readonly string[]
  /** The server's words leave the schema of a table out; the statement has it where it writes it. */
  readonly schema?: string | undefined
}

const WORD = '(?:"(?:[^"]|"")+"|[a-z_][\\w$]*)'
const NAMED = new RegExp(
  `\\b(insert\\s+into|update|delete\\s+from|merge\\s+into|truncate|copy|from|join)\\s+(?:(?:table|only)\\s+)*(?:(${WORD})\\.)?(${WORD})`,
  'gi',
)
/** In one pass: each of these may hold what looks like the beginning of another. */
const QUOTED = /('(?:[^']|'')*')|("(?:[^"]|"")*")|--[^\n]*|\/\*[\s\S]*?\*\//g
const LOCKING = /\bfor\s+(?:no\s+key\s+|key\s+)?(?:update|share)\b/i
const READING_BACK = /\breturning\b|\bon\s+conflict\b/i
const UPDATING = /\bon\s+conflict\b[\s\S]*\bdo\s+update\b/i
const COPYING_IN = /\bfrom\s+(?:stdin|program|'')/i
const CREATING = /\b(?:create|alter)\b/i
const DRAWING = /\b(?:insert|update|merge|copy|nextval)\b/i
const SETTING = /\bsetval\b/i

export function neededOnTable(name: string, statement: string): Needed {
  const text = told(statement)
  const named = [...text.matchAll(NAMED)].filter(([, , , table = '']) => bare(table) === name)
  const privileges = named.flatMap(([, verb = '']) => writing(verb.toLowerCase(), text))
  const schema = named.find(([, , found]) => found !== undefined)?.[2]
  return {
    privileges: privileges.length > 0 ? [...new Set(privileges)] : ['SELECT'],
    schema: schema && bare(schema),
  }
}

export function neededOnSchema(statement: string): Needed {
  return { privileges: CREATING.test(told(statement)) ? ['USAGE', 'CREATE'] : ['USAGE'] }
}

export function neededOnSequence(statement: string): Needed {
  const text = told(statement)
  if (SETTING.test(text)) return { privileges: ['UPDATE'] }
  return { privileges: DRAWING.test(text) ? ['USAGE'] : ['SELECT'] }
}

/** An UPDATE and a DELETE look for their rows. */
function writing(verb: string, text: string): readonly string[] {
  if (verb.startsWith('insert')) {
    if (UPDATING.test(text)) return ['SELECT', 'INSERT', 'UPDATE']
    return READING_BACK.test(text) ? ['SELECT', 'INSERT'] : ['INSERT']
  }
  if (verb.startsWith('delete')) return ['SELECT', 'DELETE']
  if (verb.startsWith('merge')) return ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
  if (verb === 'update') return ['SELECT', 'UPDATE']
  if (verb === 'truncate') return ['TRUNCATE']
  if (verb === 'copy') return COPYING_IN.test(text) ? ['INSERT'] : ['SELECT']
  return LOCKING.test(text) ? ['SELECT', 'UPDATE'] : ['SELECT']
}

/** Without what only looks like SQL. */
function told(statement: string): string {
  return statement.replace(QUOTED, (_, text?: string, name?: string) => (text ? "''" : (name ?? ' ')))
}

/** A word of SQL as the catalog has it. */
function bare(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase()
}
