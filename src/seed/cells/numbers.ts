import { type Cell, numeric } from './cell.ts'
import type { Limits } from './limits.ts'
import type { Maker, Making } from './making.ts'
import { permutation } from './random.ts'

const USUAL_MOST = 1000

export function integer(least: number, most: number): Maker {
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
export function decimal(making: Making): Cell {
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

export function float(making: Making): Cell {
  return decimal({ ...making, precision: 15, scale: 2 })
}
