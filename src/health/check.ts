import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'

/** How a check came out. `unknown` is what could not be seen, and never counts as ok. */
export type Verdict = 'ok' | 'warn' | 'critical' | 'unknown' | 'skipped'

export interface Finding {
  readonly status: Verdict
  /** The relation, role or setting in question; null where it is the server itself. */
  readonly object: string | null
  readonly value: number | string | null
  readonly unit: string | null
  readonly thresholds: Thresholds | null
  readonly message: string
  /** What to type, or null where nothing is to be done. */
  readonly fix: string | null
}

export interface Thresholds {
  readonly warn: number
  readonly critical: number
}

/** What a check may look at. */
export interface Subject {
  readonly database: Database
  readonly project: Project | undefined
}

/** One question about a database. A new one is an entry in a list. */
export interface Check {
  readonly id: string
  run(subject: Subject): Promise<Finding>
}

/** A finding from what differs from the ordinary. */
export function finding(status: Verdict, message: string, facts: Partial<Finding> = {}): Finding {
  return { status, object: null, value: null, unit: null, thresholds: null, fix: null, ...facts, message }
}

/** Where a value lies among its thresholds. */
export function judgeValue(value: number, { warn, critical }: Thresholds): Verdict {
  if (value >= critical) return 'critical'
  return value >= warn ? 'warn' : 'ok'
}
