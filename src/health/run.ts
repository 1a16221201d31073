import { createHash } from 'node:crypto'
import { OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import { type Check, type Finding, finding, type Subject, type Verdict } from './check.ts'

/** A finding under its check's id, as the document shows it. */
export interface CheckResult extends Finding {
  readonly id: string
  /** The same for the same finding in every run: for baselines and ignore lists. */
  readonly fingerprint: string
}

/** From good to bad; `skipped` says nothing. */
const ORDER: readonly Verdict[] = ['skipped', 'ok', 'unknown', 'warn', 'critical']

/** Runs checks one after the other on the one connection; what is not done within `timeout` ms is unknown. */
export async function runChecks(
  checks: readonly Check[],
  subject: Subject,
  timeout: number,
): Promise<CheckResult[]> {
  const deadline = performance.now() + timeout
  const results: CheckResult[] = []
  for (const check of checks) {
    const found =
      performance.now() > deadline
        ? finding('unknown', `Not looked at: the checks took longer than ${timeout / 1000}s.`)
        : await runCheck(check, subject)
    results.push({ id: check.id, ...found, fingerprint: fingerprint(check.id, found.object) })
  }
  return results
}

/** The worst of all; `unknown` only where nothing is worse. */
export function overall(results: readonly { readonly status: Verdict }[]): Verdict {
  return results.reduce<Verdict>(
    (worst, { status }) => (ORDER.indexOf(status) > ORDER.indexOf(worst) ? status : worst),
    'ok',
  )
}

async function runCheck(check: Check, subject: Subject): Promise<Finding> {
  try {
    return await check.run(subject)
  } catch (error) {
    const explained = explain(error)
    if (!(explained instanceof OpsError) || explained.exit === 3) throw error
    return finding('unknown', `Could not be seen: ${explained.message}`, { fix: explained.hint })
  }
}

export function fingerprint(id: string, object: string | null): string {
  return createHash('sha256')
    .update(`${id}\0${object ?? ''}`)
    .digest('hex')
    .slice(0, 16)
}
