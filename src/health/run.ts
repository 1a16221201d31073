import { createHash } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { type Check, type Finding, finding, type Subject, type Thresholds } from './check.ts'
import { withinDeadline } from './deadline.ts'

/** A finding under its check's id. */
export interface Found extends Finding {
  readonly id: string
  /** The same for the same finding in every run: for baselines and ignore lists. */
  readonly fingerprint: string
}

/** By check, what `ops.health.thresholds` changes. */
export type ThresholdChanges = Readonly<Record<string, Partial<Thresholds>>>

const NONE: Thresholds = { warn: null, critical: null }

/** Runs checks one after the other on the one connection; what is not done within `timeout` ms is unknown. */
export async function runChecks(
  checks: readonly Check[],
  database: Database,
  project: Project | undefined,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
  changes: ThresholdChanges,
): Promise<Found[]> {
  const deadline = performance.now() + timeout
  const subject = subjectOf(withinDeadline(database, deadline), project)
  const results: Found[] = []
  for (const check of checks) {
    const findings =
      performance.now() > deadline
        ? [finding('unknown', `Not looked at: the checks took longer than ${timeout / 1000}s.`)]
        : await runCheck(check, subject, { ...NONE, ...check.thresholds, ...changes[check.id] })
    // what is cancelled looks like what could not be seen
    signal.throwIfAborted()
    results.push(
      ...findings.map(found => ({
        id: check.id,
        ...found,
        fingerprint: fingerprint(check.id, found.object),
      })),
    )
  }
  return results
}

function subjectOf(database: Database, project: Project | undefined): Subject {
  const answers = new Map<unknown, Promise<unknown>>()
  return {
    database,
    project,
    once: <T>(question: (database: Database) => Promise<T>) => {
      const answer = answers.get(question) ?? question(database)
      answers.set(question, answer)
      return answer as Promise<T>
    },
  }
}

async function runCheck(check: Check, subject: Subject, thresholds: Thresholds): Promise<readonly Finding[]> {
  try {
    return [await check.run(subject, thresholds)].flat()
  } catch (error) {
    const explained = explain(error)
    if (!(explained instanceof OpsError) || explained.exit === 3) throw error
    return [finding('unknown', `Could not be seen: ${explained.message}`, { fix: explained.hint })]
  }
}

export function fingerprint(id: string, object: string | null): string {
  return createHash('sha256')
    .update(`${id}\0${object ?? ''}`)
    .digest('hex')
    .slice(0, 16)
}
