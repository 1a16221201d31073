import type { Value } from './derive-entities.ts'

const TYPE = /^([a-z ]+?)(?:\((\d+)(?:,\s*(-?\d+))?\))?((?: with(?:out)? time zone)?)$/

const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'real', 'double precision'],
  integer: ['bigint', 'double precision'],
  bigint: [],
  real: ['double precision'],
  date: ['timestamp', 'timestamp with time zone'],
  timestamp: ['timestamp with time zone'],
  'timestamp with time zone': ['timestamp'],
  json: ['jsonb'],
  jsonb: ['json'],
}

const WHOLE = ['smallint', 'integer', 'bigint']
/** Digits that a whole number may have. */
const DIGITS: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 }
const TEXTS = ['varchar', 'char', 'text']

/** Whether every value of the one type is a value of the other. What is not known to be so is taken for a loss. */
export function keepsEverything(from: Value, to: Value): boolean {
  if ((from.dimensions ?? 0) !== (to.dimensions ?? 0)) return false
  if (from.typeSchema && from.type === to.type) return true
  const target = parse(to.type)
  if (to.typeSchema || !target) return false
  // everything has a text
  if (TEXTS.includes(target.base) && target.length === undefined && target.base !== 'char') return true
  const source = parse(from.type)
  if (from.typeSchema || !source) return false
  if (target.base === 'numeric') return fitsNumeric(source, target)
  if (source.base === target.base || (TEXTS.includes(source.base) && TEXTS.includes(target.base)))
    return target.length === undefined || (source.length !== undefined && source.length <= target.length)
  return WIDER[source.base]?.includes(target.base) === true && target.length === undefined
}

interface Type {
  readonly base: string
  readonly length: number | undefined
  readonly scale: number
}

function parse(type: unknown): Type | undefined {
  const match = TYPE.exec(String(type))
  if (!match) return undefined
  const [, base = '', length, scale, zone = ''] = match
  const name = `${base.trim()}${zone}`
  return {
    base: ALIASES[name] ?? name,
    length: length === undefined ? undefined : Number(length),
    scale: Number(scale ?? 0),
  }
}

const ALIASES: Readonly<Record<string, string>> = {
  serial: 'integer',
  bigserial: 'bigint',
  smallserial: 'smallint',
  int: 'integer',
  decimal: 'numeric',
  'character varying': 'varchar',
  character: 'char',
}

function fitsNumeric(source: Type, target: Type): boolean {
  const whole = WHOLE.includes(source.base)
  if (!whole && source.base !== 'numeric') return false
  if (target.length === undefined) return true
  const digits = whole
    ? DIGITS[source.base]
    : source.length === undefined
      ? undefined
      : source.length - source.scale
  return (
    digits !== undefined && digits <= target.length - target.scale && (whole || source.scale <= target.scale)
  )
}
