import type { Cell } from '../output/blocks.ts'

/** A row of the platform's as cells: instants as text, documents left out. */
export function wordsOf(row: object): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]): [string, Cell][] => {
      if (value instanceof Date) return [[key, value.toISOString()]]
      if (typeof value === 'object' && value !== null) return []
      return [[key, value]]
    }),
  )
}
