import type { DriftKind } from '../config.ts'
import type { Value } from './thing.ts'

/** The three questions that drift answers. */
export const COMPARISONS = ['code', 'database', 'history'] as const

export type ComparisonName = (typeof COMPARISONS)[number]

/** One thing that is other than it should be. */
export interface Difference {
  readonly comparison: ComparisonName
  readonly kind: DriftKind
  /** `public.users.email` */
  readonly object: string
  /** Which of its properties; null for all of it. */
  readonly property: string | null
  /** Null where there should be none. */
  readonly expected: Value
  /** Null where there is none. */
  readonly found: Value
  /** What is missing or unexpected only because this is: `view public.active`. Parts of a table go without saying. */
  readonly along: readonly string[]
  /** What gives the database what is expected; null where SQL cannot. */
  readonly sql: string | null
}

export interface Comparison {
  readonly name: ComparisonName
  readonly status: 'none' | 'drift' | 'unknown'
  /** Why it is unknown. */
  readonly reason: string | null
  /** What to type next. */
  readonly hint: string | null
}

export interface Compared {
  readonly comparison: Comparison
  readonly differences: readonly Difference[]
}

export function compared(name: ComparisonName, differences: readonly Difference[], hint: string): Compared {
  const isDrift = differences.length > 0
  return {
    comparison: { name, status: isDrift ? 'drift' : 'none', reason: null, hint: isDrift ? hint : null },
    differences,
  }
}

export function unknown(name: ComparisonName, reason: string, hint: string): Compared {
  return { comparison: { name, status: 'unknown', reason, hint }, differences: [] }
}
