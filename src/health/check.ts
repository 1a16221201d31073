import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import type { HealthCheckId } from './ids.ts'
import type { Remedy } from './remedy.ts'

/** How a check came out. `unknown` is what could not be seen, and never counts as ok. */
export type Verdict = 'ok' | 'warn' | 'critical' | 'unknown' | 'skipped'

/** From good to bad; `skipped` says nothing. */
const ORDER: readonly Verdict[] = ['skipped', 'ok', 'unknown', 'warn', 'critical']

export interface Finding {
  readonly status: Verdict
  /** The relation, role or setting in question; null where it is the server itself. Never a process id. */
  readonly object: string | null
  readonly value: number | string | null
  readonly unit: string | null
  readonly thresholds: Thresholds | null
  /** What was found, and why it matters. */
  readonly message: string
  /** What to type, or null where nothing is to be done. An `ok` with a fix is a note: it could be better. */
  readonly fix: string | null
  /** What was seen, as raw rows. */
  readonly evidence: readonly object[]
  /** What to change in the schema's code for the fix to last. */
  readonly remedy?: Remedy
}

/** Where a value begins to be bad; null where it never is. */
export interface Thresholds {
  readonly warn: number | null
  readonly critical: number | null
}

/** What a check may look at. */
export interface Subject {
  readonly database: Database
  readonly project: Project | undefined
  /** Asks a question of several checks but once. */
  once<T>(question: (database: Database) => Promise<T>): Promise<T>
}

/** One question about a database. A new one is an entry in a list. */
export interface Check {
  readonly id: HealthCheckId
  /** What its values are judged by, unless `ops.health.thresholds` says otherwise. */
  readonly thresholds?: Thresholds
  /** One finding, or one for each object that has something to say. */
  run(subject: Subject, thresholds: Thresholds): Promise<Finding | readonly Finding[]>
}

/** A finding from what differs from the ordinary. */
export function finding(status: Verdict, message: string, facts: Partial<Finding> = {}): Finding {
  return {
    status,
    object: null,
    value: null,
    unit: null,
    thresholds: null,
    fix: null,
    evidence: [],
    ...facts,
    message,
  }
}

/** Where a value lies among its thresholds. */
export function judgeValue(value: number, { warn, critical }: Thresholds): Verdict {
  if (critical !== null && value >= critical) return 'critical'
  return warn !== null && value >= warn ? 'warn' : 'ok'
}

export function worse(one: Verdict, other: Verdict): Verdict {
  return ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one
}

/** The worst of all; `unknown` only where nothing is worse, `ok` where there is nothing. */
export function worst(findings: readonly { readonly status: Verdict }[]): Verdict {
  return findings.reduce<Verdict>((status, each) => worse(status, each.status), 'ok')
}

/** The findings, or the good news where there are none. */
export function orOk(findings: readonly Finding[], message: string): Finding | readonly Finding[] {
  return findings.length > 0 ? findings : finding('ok', message)
}
