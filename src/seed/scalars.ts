import { type Cell, numeric, textual } from './cell.ts'
import { isoText } from './instant-text.ts'
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
  const { minimum, maximum, above, below } = limits
  const low = Math.max(
    minimum ?? (distinct ? 1 : 0),
    above === undefined ? least : Math.floor(above) + 1,
    least,
  )
  const usual = distinct ? most : Math.max(USUAL_MOST, low + USUAL_MOST)
  const high = Math.min(maximum ?? usual, below === undefined ? most : Math.ceil(below) - 1, most)
  // where there is only an upper end that lies below zero
  const start = high < low ? Math.max(least, high - USUAL_MOST) : low
  const size = Math.max(1, Math.min(Math.floor(high) - Math.ceil(start) + 1, 2 ** 51))
  const first = Math.ceil(start)
  if (distinct) {
    const place = permutation(source, size)
    return { ...numeric(row => first + place(row % size), print), most: size }
  }
  const forbidden = limits.forbidden?.map(Number) ?? []
  return numeric(row => {
    const value = first + source.below(row, size)
    return forbidden.includes(value) ? first + ((value - first + 1) % size) : value
  }, print)
}

/** Fractions with as many digits as the column has. */
function decimal(making: Making): Cell {
  const { precision, scale, limits } = making
  const digits = scale ?? (precision === null ? 2 : 0)
  const unit = 10 ** digits
  const room = precision === null ? 2 ** 51 : 10 ** precision - 1
  const units = (value: number | undefined) => (value === undefined ? undefined : round(value * unit))
  const { minimum = limits.above === undefined ? 0 : undefined, maximum, above, below, ...rest } = limits
  const usual = making.distinct ? room / unit : Math.max(USUAL_MOST, (minimum ?? 0) + USUAL_MOST)
  const scaled = {
    ...making,
    limits: {
      ...rest,
      ...defined('minimum', units(minimum)),
      ...defined('above', units(above)),
      ...defined('below', units(below)),
      ...defined('maximum', units(maximum ?? (below === undefined ? usual : undefined))),
    },
  }
  const inner = whole(scaled, -room, room, String)
  // what follows this column counts in its units, not in its last digit's
  return {
    ...inner,
    ...numeric(
      row => (inner.number?.(row) ?? 0) / unit,
      value => value.toFixed(Math.max(0, digits)),
    ),
  }
}

function defined(name: keyof Limits, value: number | undefined): Limits {
  return value === undefined ? {} : { [name]: value }
}

/** Without what binary fractions add: 0.07 * 100 is 7. */
function round(value: number): number {
  return Number(value.toPrecision(15))
}

function float(making: Making): Cell {
  return decimal({ ...making, precision: 15, scale: 2 })
}

/** In the past year, the newer the more; or between the limits. */
function instants(print: (ms: number) => string, grain: number): Maker {
  return ({ source, now, distinct, limits: { minimum, maximum, above, below } }) => {
    const low = minimum ?? (above === undefined ? undefined : above + grain)
    const high = maximum ?? (below === undefined ? undefined : below - 1)
    const newest =
      Math.floor(
        (high === undefined
          ? Math.max(now, (low ?? 0) + 30 * DAY)
          : Math.min(high, low === undefined ? Math.min(high, now) : high)) / grain,
      ) * grain
    const room = low === undefined ? undefined : Math.max(0, Math.floor((newest - low) / grain))
    if (distinct) {
      const cell = numeric(row => newest - (row + (low === undefined ? 1 : 0)) * grain, print)
      return room === undefined ? cell : { ...cell, most: room + 1 }
    }
    const back = low === undefined ? 365 * DAY : newest - low
    return numeric(row => {
      const ms = newest - Math.floor((source.share(row) ** 2 * back) / grain) * grain
      return low === undefined ? ms : Math.max(ms, Math.ceil(low / grain) * grain)
    }, print)
  }
}

/** Of a day there are so many seconds. */
function times(print: (ms: number) => string): Maker {
  const make = instants(print, 1000)
  return making => ({ ...make({ ...making, limits: {} }), ...(making.distinct && { most: DAY / 1000 }) })
}

const iso = isoText
const day = (ms: number) => iso(ms).slice(0, 10)
const local = (ms: number) => iso(ms).slice(0, -1).replace('T', ' ')
const clock = (ms: number) => iso(ms).slice(11, 19)

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexOf(word: number): string {
  return `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`
}

function hex(source: Source, row: number, words: number): string {
  let text = ''
  for (let draw = 0; draw < words; draw += 1) text += hexOf(source.bits(row, draw))
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

/** Up to 32 of them. */
function bits({ source, length, distinct }: Making): Cell {
  const width = length ?? 32
  return {
    ...textual(row => {
      const value = distinct ? row : source.bits(row)
      return (value >>> 0).toString(2).padStart(width, '0').slice(-width)
    }),
    ...(distinct && { most: 2 ** Math.min(width, 32) }),
  }
}

function octets(count: number, separator: string, start: string): Maker {
  return ({ source }) =>
    textual(row => {
      const digits = hex(source, row, 2)
      const parts = Array.from({ length: count }, (_, index) => digits.slice(index * 2, index * 2 + 2))
      return start + parts.join(separator)
    })
}

/** A host, or a network of 256 of them. */
function address(hosts: 1 | 256): Maker {
  const most = 2 ** 24 / hosts
  return ({ source, distinct }) => ({
    ...textual(row => {
      const value = ((distinct ? row : source.bits(row)) % most) * hosts
      return `10.${(value >> 16) & 255}.${(value >> 8) & 255}.${value & 255}${hosts === 1 ? '' : '/24'}`
    }),
    ...(distinct && { most }),
  })
}

/** Ranges of equal steps side by side, so that exclusion constraints are kept as well. */
function range(print: (value: number) => string, step: (now: number, row: number) => number): Maker {
  return ({ now }) => textual(row => `["${print(step(now, row))}","${print(step(now, row + 1))}")`)
}

const tens = (_: number, row: number) => row * 10
/** What follows a step of a range: `[row, row + 1)` of days, hours or tens. */
const hours = (now: number, row: number) => now - 365 * DAY + row * 3_600_000
const days = (now: number, row: number) => Math.floor(now / DAY) * DAY - 3650 * DAY + row * DAY

const TENS = range(String, tens)
/** By the type of a range's bounds. */
const RANGES: Readonly<Record<string, Maker>> = {
  date: range(day, days),
  timestamp: range(local, hours),
  timestamptz: range(iso, hours),
}

/** Of a range or multirange over bounds of that type. */
export function rangeOf(subtype: string, several: boolean, making: Making): Cell {
  const range = (RANGES[subtype] ?? TENS)(making)
  return several ? textual(row => `{${range.text(row * 4)},${range.text(row * 4 + 2)}}`) : range
}

/** A value of which no other lies at either side: as `starts_at` and `ends_at` of periods that must not overlap. */
export function stepped(type: string, making: Making, end: 0 | 1): Cell {
  const inner = type === 'date' ? days : INSTANTS.includes(type) ? hours : tens
  const print = SCALARS[type]?.({ ...making, distinct: false }).print ?? String
  return numeric(row => inner(making.now, row + end), print)
}

export const INSTANTS = ['timestamp', 'timestamptz', 'date']

function pair(make: (a: number, b: number) => string): Maker {
  return ({ source }) => textual(row => make(source.below(row, 100), source.below(row, 100, 1)))
}

/** By pg_type.typname. What is not here is text of some kind, or not known. */
export const SCALARS: Readonly<Record<string, Maker>> = {
  bool: ({ source, distinct }) => ({
    ...textual(row => ((distinct ? row : source.bits(row)) & 1 ? 't' : 'f')),
    ...(distinct && { most: 2 }),
  }),
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
  time: times(clock),
  timetz: times(ms => `${clock(ms)}+00`),
  interval: ({ source, distinct }) =>
    textual(row => `${distinct ? row : source.below(row, 30)} days ${source.below(row, 24, 1)}:00:00`),
  bytea: ({ source }) => textual(row => `\\x${hex(source, row, 4)}`),
  bit: bits,
  varbit: bits,
  inet: address(1),
  cidr: address(256),
  macaddr: octets(4, ':', '08:00:'),
  macaddr8: octets(6, ':', '08:00:'),
  point: pair((a, b) => `(${a},${b})`),
  line: pair((a, b) => `{${a + 1},${b},1}`),
  lseg: pair((a, b) => `[(${a},${b}),(${b},${a + 1})]`),
  // side by side, so that an exclusion constraint is kept
  box: () => textual(row => `(${row * 10 + 5},5),(${row * 10},0)`),
  path: pair((a, b) => `[(${a},${b}),(${b},${a})]`),
  polygon: pair((a, b) => `((${a},${b}),(${a + 1},${b}),(${a},${b + 1}))`),
  circle: pair((a, b) => `<(${a},${b}),${a + 1}>`),
  pg_lsn: ({ source }) => textual(row => `0/${source.bits(row).toString(16).toUpperCase()}`),
}
