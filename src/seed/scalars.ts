import { type Cell, numeric, textual } from './cell.ts'
import type { Limits } from './limits.ts'
import { permutation, type Source } from './random.ts'

/** What a value is made from. */
export interface Making {
  readonly source: Source
  readonly limits: Limits
  /** Whether every row needs a value of its own. */
  readonly distinct: boolean
  readonly length: number | null
  readonly precision: number | null
  readonly scale: number | null
  /** Milliseconds since 1970: what the rows take for the present. */
  readonly now: number
}

type Maker = (making: Making) => Cell

const DAY = 86_400_000
const USUAL_MOST = 1000

function integer(least: number, most: number): Maker {
  return making => whole(making, least, most, String)
}

/** Whole numbers: small ones, or where each row needs its own a permutation of all that are allowed. */
function whole(
  { source, limits, distinct }: Making,
  least: number,
  most: number,
  print: (value: number) => string,
): Cell {
  const low = Math.max(limits.minimum ?? (distinct ? 1 : 0), least)
  const high = Math.min(limits.maximum ?? (distinct ? most : Math.max(USUAL_MOST, low + USUAL_MOST)), most)
  const size = Math.max(1, Math.min(high - low + 1, 2 ** 51))
  if (distinct) {
    const place = permutation(source, size)
    return numeric(row => low + place(row % size), print)
  }
  return numeric(row => low + source.below(row, size), print)
}

/** Fractions with as many digits as the column has. */
function decimal(making: Making): Cell {
  const { precision, scale, limits } = making
  const digits = scale ?? (precision === null ? 2 : 0)
  const unit = 10 ** digits
  const room = precision === null ? 2 ** 51 : 10 ** precision - 1
  const print = (value: number) => (value / unit).toFixed(digits)
  const scaled = {
    ...making,
    limits: {
      ...limits,
      minimum: (limits.minimum ?? 0) * unit,
      maximum: Math.min((limits.maximum ?? (making.distinct ? room / unit : USUAL_MOST)) * unit, room),
    },
  }
  const inner = whole(scaled, -room, room, print)
  // what follows this column counts in its units, not in its last digit's
  return numeric(
    row => (inner.number?.(row) ?? 0) / unit,
    value => value.toFixed(digits),
  )
}

function float(making: Making): Cell {
  return decimal({ ...making, precision: 15, scale: 2 })
}

/** In the past year, the newer the more. */
function instants(print: (ms: number) => string, grain: number): Maker {
  return ({ source, now, distinct }) =>
    numeric(row => {
      const back = distinct ? (row + 1) * grain : Math.floor(source.share(row) ** 2 * 365 * DAY)
      return Math.floor((now - back) / grain) * grain
    }, print)
}

const iso = (ms: number) => new Date(ms).toISOString()
const day = (ms: number) => iso(ms).slice(0, 10)
const local = (ms: number) => iso(ms).slice(0, -1).replace('T', ' ')
const clock = (ms: number) => iso(ms).slice(11, 19)

function hex(source: Source, row: number, words: number): string {
  let text = ''
  for (let draw = 0; draw < words; draw += 1) text += source.bits(row, draw).toString(16).padStart(8, '0')
  return text
}

/** Version 4 by its bits: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4 */
function uuid({ source }: Making): Cell {
  return textual(row => {
    const digits = hex(source, row, 4)
    const variant = '89ab'[source.bits(row, 1) & 3]
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
  })
}

function bits({ source, length, distinct }: Making): Cell {
  return textual(row => {
    const width = length ?? 8
    const value = distinct ? row : source.bits(row)
    return (value >>> 0).toString(2).padStart(width, '0').slice(-width)
  })
}

function octets(count: number, separator: string, start: string): Maker {
  return ({ source }) =>
    textual(row => {
      const digits = hex(source, row, 2)
      const parts = Array.from({ length: count }, (_, index) => digits.slice(index * 2, index * 2 + 2))
      return start + parts.join(separator)
    })
}

function address(suffix: string): Maker {
  return ({ source, distinct }) =>
    textual(row => {
      const value = (distinct ? row : source.bits(row)) % 2 ** 24
      const last = suffix ? 0 : value & 255
      return `10.${(value >> 16) & 255}.${(value >> 8) & 255}.${last}${suffix}`
    })
}

/** Ranges of equal steps side by side, so that exclusion constraints are kept as well. */
function range(print: (value: number) => string, step: (now: number, row: number) => number): Maker {
  return ({ now }) => textual(row => `["${print(step(now, row))}","${print(step(now, row + 1))}")`)
}

const number = (_: number, row: number) => row * 10
const hour = (now: number, row: number) => now - 365 * DAY + row * 3_600_000
const date = (now: number, row: number) => Math.floor(now / DAY) * DAY - 3650 * DAY + row * DAY

function pair(make: (a: number, b: number) => string): Maker {
  return ({ source }) => textual(row => make(source.below(row, 100), source.below(row, 100, 1)))
}

/** A multirange of what makes a range. */
function several(make: Maker): Maker {
  return making => {
    const inner = make(making)
    return textual(row => `{${inner.text(row * 2)},${inner.text(row * 2 + 5)}}`)
  }
}

const int4range = range(String, number)
const daterange = range(day, date)
const tsrange = range(local, hour)
const tstzrange = range(iso, hour)

/** By pg_type.typname. What is not here is text of some kind, or not known. */
export const SCALARS: Readonly<Record<string, Maker>> = {
  bool: ({ source, distinct }) => textual(row => ((distinct ? row : source.bits(row)) & 1 ? 't' : 'f')),
  int2: integer(-32_768, 32_767),
  int4: integer(-2_147_483_648, 2_147_483_647),
  int8: integer(-(2 ** 51), 2 ** 51),
  oid: integer(1, 4_294_967_295),
  float4: making => decimal({ ...making, precision: 6, scale: 1 }),
  float8: float,
  numeric: decimal,
  money: making => decimal({ ...making, precision: 12, scale: 2 }),
  uuid,
  date: instants(day, DAY),
  timestamp: instants(local, 1000),
  timestamptz: instants(iso, 1000),
  time: instants(clock, 1000),
  timetz: instants(ms => `${clock(ms)}+00`, 1000),
  interval: ({ source, distinct }) =>
    textual(row => `${distinct ? row : source.below(row, 30)} days ${source.below(row, 24, 1)}:00:00`),
  bytea: ({ source }) => textual(row => `\\x${hex(source, row, 4)}`),
  bit: bits,
  varbit: bits,
  inet: address(''),
  cidr: address('/24'),
  macaddr: octets(4, ':', '08:00:'),
  macaddr8: octets(6, ':', '08:00:'),
  point: pair((a, b) => `(${a},${b})`),
  line: pair((a, b) => `{${a + 1},${b},1}`),
  lseg: pair((a, b) => `[(${a},${b}),(${b},${a + 1})]`),
  box: pair((a, b) => `(${a + 1},${b + 1}),(${a},${b})`),
  path: pair((a, b) => `[(${a},${b}),(${b},${a})]`),
  polygon: pair((a, b) => `((${a},${b}),(${a + 1},${b}),(${a},${b + 1}))`),
  circle: pair((a, b) => `<(${a},${b}),${a + 1}>`),
  pg_lsn: ({ source }) => textual(row => `0/${source.bits(row).toString(16).toUpperCase()}`),
  int4range,
  int8range: int4range,
  numrange: int4range,
  daterange,
  tsrange,
  tstzrange,
  int4multirange: several(int4range),
  int8multirange: several(int4range),
  nummultirange: several(int4range),
  datemultirange: several(daterange),
  tsmultirange: several(tsrange),
  tstzmultirange: several(tstzrange),
}
