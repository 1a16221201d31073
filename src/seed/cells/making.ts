import type { Cell } from './cell.ts'
import type { Limits } from './limits.ts'
import type { Source } from './random.ts'

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

export type Maker = (making: Making) => Cell
