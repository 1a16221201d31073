import type { Thresholds, Verdict } from './check.ts'
import type { CheckResult, Examined } from './examine.ts'
import { isProblem } from './view.ts'

/** https://nagios-plugins.org/doc/guidelines.html */
export const NAGIOS_EXIT = { ok: 0, skipped: 0, warn: 1, critical: 2, unknown: 3 } as const

const WORDS: Record<Verdict, string> = {
  ok: 'OK',
  skipped: 'OK',
  warn: 'WARNING',
  critical: 'CRITICAL',
  unknown: 'UNKNOWN',
}

const UNITS: Readonly<Record<string, string>> = { s: 's', ms: 'ms', bytes: 'B' }
const NOT_PLAIN = /[|\n\r]/g
const PROBLEMS = 3

/** One line: the verdict, the worst findings, and the figures behind the bar. */
export function nagiosLine({ status, checks }: Pick<Examined, 'status' | 'checks'>): string {
  const problems = checks.filter(each => isProblem(each.status) && each.suppressed === null)
  const worstFirst = problems.toSorted((one, other) => NAGIOS_EXIT[weight(other)] - NAGIOS_EXIT[weight(one)])
  const named = worstFirst.slice(0, PROBLEMS).map(({ id, message }) => `${id}: ${message}`)
  const more = problems.length > PROBLEMS ? ` (and ${problems.length - PROBLEMS} more)` : ''
  const told =
    named.length > 0 ? `${named.join(' ')}${more}` : `${new Set(checks.map(({ id }) => id)).size} checks`
  const figures = perfdata(checks)
  return `DRIZZLE-OPS ${WORDS[status]} - ${told.replace(NOT_PLAIN, ' ')}${figures ? ` | ${figures}` : ''}`
}

/** In Nagios's numbers unknown is beyond critical, for people it is not. */
function weight({ status }: CheckResult): Verdict {
  return status === 'unknown' ? 'ok' : status
}

/** The largest value of each check that has one. */
function perfdata(checks: readonly CheckResult[]): string {
  const largest = new Map<string, CheckResult & { readonly value: number }>()
  for (const check of checks) {
    const { id, value, status } = check
    if (typeof value !== 'number' || status === 'unknown') continue
    if ((largest.get(id)?.value ?? Number.NEGATIVE_INFINITY) < value) largest.set(id, { ...check, value })
  }
  return [...largest.values()]
    .map(
      ({ id, value, unit, thresholds }) =>
        `'${id}'=${decimal(value)}${UNITS[unit ?? ''] ?? ''}${limits(thresholds)}`,
    )
    .join(' ')
}

function limits(thresholds: Thresholds | null): string {
  if (!thresholds) return ''
  const { warn, critical } = thresholds
  return `;${warn === null ? '' : decimal(warn)};${critical === null ? '' : decimal(critical)}`
}

/** Nagios reads no exponents. */
function decimal(value: number): string {
  return String(Number(value.toFixed(6))).includes('e') ? value.toFixed(0) : String(Number(value.toFixed(6)))
}
