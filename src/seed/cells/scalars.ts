import { type Cell, textual } from './cell.ts'
import { isoText } from './instant-text.ts'
import { clock, day, instants, local, times } from './instants.ts'
import type { Maker, Making } from './making.ts'
import { decimal, float, integer } from './numbers.ts'
import type { Source } from './random.ts'

const DAY = 86_400_000
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
  timestamptz: instants(isoText, 1000),
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
