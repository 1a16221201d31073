/** Each type with those that hold every one of its values as it is. */
const HOLD_ALL: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'numeric', 'real', 'double precision'],
  integer: ['bigint', 'numeric', 'double precision'],
  bigint: ['numeric'],
  real: ['double precision'],
  date: ['timestamp without time zone'],
  jsonb: ['json'],
}

const TEXTS = ['text', 'character varying']
const TIMES = ['time', 'timestamp', 'interval']
const TYPE = /^(.+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?((?:\[\])*)$/

/** PostgreSQL's, for times without one. */
const MOST_PRECISE = 6

interface TypeParts {
  readonly name: string
  readonly modifiers: readonly number[]
  readonly brackets: string
}

/** Whether a column can change its type and keep every value as it is. Types as format_type writes them. */
export function holdsAll(from: string, to: string): boolean {
  const old = partsOf(from)
  const now = partsOf(to)
  if (old.brackets !== now.brackets) return TEXTS.includes(to)
  if (old.name === now.name) return fits(old, now)
  if (TEXTS.includes(now.name) && now.modifiers.length === 0) return old.name !== 'character'
  return now.modifiers.length === 0 && HOLD_ALL[old.name]?.includes(now.name) === true
}

function partsOf(type: string): TypeParts {
  const [, name = type, first, second, zone = '', brackets = ''] = TYPE.exec(type) ?? []
  return {
    name: `${name}${zone}`,
    modifiers: [first, second].filter(each => each !== undefined).map(Number),
    brackets,
  }
}

function fits({ name, modifiers: old }: TypeParts, { modifiers: now }: TypeParts): boolean {
  if (now.length === 0) return true
  const [size = Number.POSITIVE_INFINITY, scale = 0] = old
  const [newSize = 0, newScale = 0] = now
  if (name === 'numeric') return newScale >= scale && newSize - newScale >= size - scale
  if (TIMES.some(time => name.startsWith(time))) return newSize >= Math.min(size, MOST_PRECISE)
  return newSize >= size
}
