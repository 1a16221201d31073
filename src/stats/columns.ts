import type { Column, Unit } from '../output/blocks.ts'

const UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/(^b|B)ytes$/, 'bytes'],
  [/Ms$/, 'milliseconds'],
  [/(^r|R)atio$/, 'ratio'],
]
const WORD = /([a-z0-9])([A-Z])/g
const ENDING = /(Bytes|Ms|Ratio)$/

/** Columns by the keys of the rows, whose endings tell the unit: `totalBytes`, `waitMs`, `deadRatio`. */
export function columns(...keys: readonly string[]): Column[] {
  return keys.map(key => {
    const unit = UNITS.find(([ending]) => ending.test(key))?.[1]
    return { key, title: titleOf(key), ...(unit && { unit }), ...(key === 'query' && { clipped: true }) }
  })
}

/** Columns that a narrow terminal leaves out. */
export function minor(...keys: readonly string[]): Column[] {
  return columns(...keys).map(column => ({ ...column, minor: true }))
}

/** Columns with a bar. */
export function barred(...keys: readonly string[]): Column[] {
  return columns(...keys).map(column => ({ ...column, bar: true }))
}

/** `totalBytes` is `total`, `lastVacuum` is `last vacuum`. */
function titleOf(key: string): string {
  if (key === 'bytes') return 'size'
  return key.replace(ENDING, '').replace(WORD, '$1 $2').toLowerCase()
}
