import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { HealthIgnore } from '../config.ts'
import { OpsError } from '../errors.ts'
import type { Verdict } from './check.ts'
import type { Found } from './run.ts'

/** Why a finding does not count. */
export type Suppression =
  | { readonly by: 'ignore'; readonly reason: string; readonly until: string | null }
  | { readonly by: 'baseline' }

/** What became of an entry of `ops.health.ignore`. */
export interface IgnoreUse {
  readonly check: string
  readonly object: string | null
  readonly reason: string
  readonly until: string | null
  readonly state: 'used' | 'unused' | 'expired' | 'not run'
}

/** The findings of a former run that were not healthy, by fingerprint. */
export type Baseline = ReadonlyMap<string, Verdict>

const BAD: readonly Verdict[] = ['unknown', 'warn', 'critical']

/** Why a finding does not count; null where it does. One that has grown worse than its baseline counts. */
export function suppressionOf(
  found: Found,
  ignores: readonly HealthIgnore[],
  baseline: Baseline,
  today: string,
): Suppression | null {
  if (!BAD.includes(found.status)) return null
  const ignore = ignores.find(each => matches(each, found) && !isExpired(each, today))
  if (ignore) return { by: 'ignore', reason: ignore.reason, until: ignore.until ?? null }
  const known = baseline.get(found.fingerprint)
  return known !== undefined && BAD.indexOf(found.status) <= BAD.indexOf(known) ? { by: 'baseline' } : null
}

/** What became of each entry, for those whose time is up or who match nothing. */
export function ignoreUses(
  ignores: readonly HealthIgnore[],
  found: readonly Found[],
  today: string,
): IgnoreUse[] {
  return ignores.map(ignore => ({
    check: ignore.check,
    object: ignore.object ?? null,
    reason: ignore.reason,
    until: ignore.until ?? null,
    state: stateOf(ignore, found, today),
  }))
}

function stateOf(ignore: HealthIgnore, found: readonly Found[], today: string): IgnoreUse['state'] {
  if (isExpired(ignore, today)) return 'expired'
  if (!found.some(({ id }) => id === ignore.check)) return 'not run'
  return found.some(each => BAD.includes(each.status) && matches(ignore, each)) ? 'used' : 'unused'
}

function matches({ check, object }: HealthIgnore, found: Found): boolean {
  return check === found.id && (object === undefined || object === found.object)
}

/** It counts to the end of its day. */
function isExpired({ until }: HealthIgnore, today: string): boolean {
  return until !== undefined && until < today
}

/** Reads what `health --json` wrote. Throws OpsError `baseline-invalid`, exit 2. */
export async function readBaseline(file: string, cwd: string): Promise<Baseline> {
  const path = resolve(cwd, file)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(path, `cannot be read (${error.code})`)
  })
  try {
    const { checks } = JSON.parse(text) as { checks: readonly Found[] }
    const bad = checks.filter(({ status }) => BAD.includes(status))
    return new Map(bad.map(({ fingerprint, status }) => [fingerprint, status]))
  } catch {
    throw invalid(path, 'is not what health --json writes')
  }
}

function invalid(path: string, why: string): OpsError {
  return new OpsError({
    code: 'baseline-invalid',
    message: `The baseline ${path} ${why}.`,
    hint: 'Write one: drizzle-ops health --deep --json > baseline.json.',
    exit: 2,
  })
}
