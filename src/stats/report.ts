import type { ReaderRights } from '../catalog/reader-rights.ts'
import type { Scope } from '../catalog/scope.ts'
import type { Database } from '../database/database.ts'
import type { Column } from '../output/blocks.ts'

/** Something to know before the rows are believed: what could not be seen, and what would let us. */
export interface Note {
  readonly message: string
  /** What to type, or null where nothing is to be done. */
  readonly fix: string | null
}

/** What a report is asked with. */
export interface Question {
  readonly database: Database
  readonly scope: Scope
  readonly rights: ReaderRights
  readonly flags: ReportFlags
  /** How many rows are shown, where they are the first in the report's own order; null where all must be known. */
  readonly first: number | null
}

/** Flags that single reports know. */
export interface ReportFlags {
  /** `top-queries`: what they are at the top of. */
  readonly by: Ranking
  /** Whether to show what sessions run: it may hold people's data. */
  readonly query: boolean
  /** `settings`: only what somebody has set. */
  readonly nonDefault: boolean
  /** `bloat`: measured instead of estimated. */
  readonly exact: boolean
  /** `locks`: also those that nobody waits for. */
  readonly all: boolean
  /** `long-running`: in milliseconds. */
  readonly longerThan: number
  /** `overview`: how long to count transactions, in milliseconds. */
  readonly sample: number
}

export const RANKINGS = ['total', 'mean', 'calls', 'rows', 'io', 'temp', 'wal', 'stddev'] as const

export type Ranking = (typeof RANKINGS)[number]

export interface Answer {
  readonly rows: readonly object[]
  /** How many there are, where only the first were looked at. */
  readonly total?: number
  readonly notes?: readonly Note[]
  /** From when on its own counters count, where they are not the database's. */
  readonly since?: string | null
  /** What the document says beside the rows. */
  readonly facts?: Readonly<Record<string, number | null>>
}

/** One question about a database that people ask by name. A new one is an entry in a list. */
export interface StatsReport {
  readonly name: string
  /** The question. */
  readonly summary: string
  /** The catalogs and views that answer it. */
  readonly reads: readonly string[]
  /** What it says less without. */
  readonly needs: string | null
  /** Empty where the rows themselves tell. */
  readonly columns: readonly Column[]
  /** Of counters that add up: milliseconds below which they say little. */
  readonly settlesAfter?: number
  /** What tells rows apart from one look to the next, where they have counters. */
  readonly identity?: readonly string[]
  /** Counters that only grow until somebody resets them: --watch shows what they grew by. */
  readonly counters?: readonly string[]
  /** The column that --min-size looks at. */
  readonly size?: string
  /** How many rows people are shown unless --limit says; all where nothing does, and for `--limit 0`. */
  readonly limit?: number
  ask(question: Question): Promise<Answer>
}

export const MINUTE = 60_000
export const DAY = 86_400_000
