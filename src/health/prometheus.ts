import { type Labels, labelText } from '../metrics/labels.ts'
import { type Verdict, worst } from './check.ts'
import type { CheckResult, Examined } from './examine.ts'
import { isProblem } from './view.ts'

/** As Nagios counts, so that alerts read `> 0`. */
const NUMBERS: Record<Verdict, number> = { ok: 0, skipped: 0, warn: 1, critical: 2, unknown: 3 }

/** The text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function prometheus({
  status,
  checks,
  ms,
}: Pick<Examined, 'status' | 'checks'> & { readonly ms: number }): string {
  const counting = checks.filter(({ suppressed }) => suppressed === null)
  const ids = [...new Set(checks.map(({ id }) => id))]
  return [
    ...metric('drizzle_ops_health_status', 'The verdict: 0 ok, 1 warn, 2 critical, 3 unknown.', [
      [{}, NUMBERS[status]],
    ]),
    ...metric(
      'drizzle_ops_health_check_status',
      'The verdict of each check.',
      ids.map(id => [{ check: id }, NUMBERS[worst(counting.filter(each => each.id === id))]]),
    ),
    ...metric('drizzle_ops_health_finding', 'What is not healthy, by object.', findings(counting)),
    ...metric('drizzle_ops_health_value', 'The figure that a check judges by.', values(checks)),
    ...metric('drizzle_ops_health_duration_seconds', 'How long the checks took.', [[{}, ms / 1000]]),
    '',
  ].join('\n')
}

type Sample = readonly [labels: Labels, value: number]

function findings(checks: readonly CheckResult[]): Sample[] {
  return checks
    .filter(({ status }) => isProblem(status))
    .map(({ id, object, status }) => [{ check: id, object: object ?? '', status }, 1])
}

function values(checks: readonly CheckResult[]): Sample[] {
  return checks.flatMap(({ id, object, value, unit, status }) =>
    typeof value === 'number' && status !== 'unknown'
      ? [[{ check: id, object: object ?? '', unit: unit ?? '' }, value] as const]
      : [],
  )
}

/** A series may come but once: of the same labels, the largest. Without a sample the metric is left out. */
function metric(name: string, help: string, samples: readonly Sample[]): string[] {
  const series = new Map<string, number>()
  for (const [labels, value] of samples) {
    const text = labelText(labels)
    series.set(text, Math.max(series.get(text) ?? Number.NEGATIVE_INFINITY, value))
  }
  if (series.size === 0) return []
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...[...series].map(([labels, value]) => `${name}${labels} ${value}`),
  ]
}
