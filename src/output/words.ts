import type { Cell, Unit } from './blocks.ts'

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** `1536` is `1.5 KiB`. */
export function bytes(count: number): string {
  if (count < 0) return `-${bytes(-count)}`
  let size = count
  let unit = 0
  // 1023.95 would be rounded to 1024.0
  while (size >= (unit === 0 ? 1024 : 1023.95) && unit < BYTE_UNITS.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${BYTE_UNITS[unit]}`
}

/** `90000` is `1m 30s`, `1500` is `1.5s`, `12` is `12ms`. */
export function milliseconds(total: number): string {
  const tenths = Math.round(total * 10)
  if (tenths < 10_000) return `${tenths / 10}ms`
  const tenthsOfSeconds = Math.round(total / 100)
  if (tenthsOfSeconds < 600) return `${tenthsOfSeconds / 10}s`
  const seconds = Math.round(total / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** Names and query texts come from the database; a control or bidi character in them must not steer the terminal. */
export function visible(text: string): string {
  return text.replace(CONTROL, character => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A cell for people. */
export function words(cell: Cell, unit?: Unit): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'object') return sparkline(cell)
  if (typeof cell === 'number') return number(cell, unit)
  return visible(String(cell))
}

function number(value: number, unit: Unit | undefined): string {
  if (unit === 'bytes') return bytes(value)
  if (unit === 'milliseconds') return milliseconds(value)
  if (unit === 'ratio') return `${(value * 100).toFixed(1)}%`
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
}

const LEVELS = '▁▂▃▄▅▆▇█'

/** `[0, 4, 8]` is `▁▄█`: what lies between nothing and the largest. */
export function sparkline(values: readonly number[]): string {
  const largest = Math.max(...values, 0)
  return values
    .map(value => LEVELS[largest > 0 ? Math.round((Math.max(value, 0) / largest) * (LEVELS.length - 1)) : 0])
    .join('')
}

const EIGHTHS = ' ▏▎▍▌▋▊▉'

/** A share of one, drawn `width` characters wide. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8))
  return `${full}${eighths % 8 > 0 ? EIGHTHS[eighths % 8] : ''}`.padEnd(width)
}
