import { numeric } from './cell.ts'
import { isoText } from './instant-text.ts'
import type { Maker } from './making.ts'

const DAY = 86_400_000

export const INSTANTS = ['timestamp', 'timestamptz', 'date']

/** In the past year, the newer the more; or between the limits. */
export function instants(print: (ms: number) => string, grain: number): Maker {
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
export function times(print: (ms: number) => string): Maker {
  const make = instants(print, 1000)
  return making => ({ ...make({ ...making, limits: {} }), ...(making.distinct && { most: DAY / 1000 }) })
}

export const day = (ms: number) => isoText(ms).slice(0, 10)
export const local = (ms: number) => isoText(ms).slice(0, -1).replace('T', ' ')
export const clock = (ms: number) => isoText(ms).slice(11, 19)
