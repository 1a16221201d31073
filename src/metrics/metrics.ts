import { type Labels, labelText } from './labels.ts'
import { subjectOf } from './subject.ts'

/** What the connection seam tells. */
export interface Metrics {
  /** A statement that has been answered, or refused, and how many milliseconds that took. */
  query(text: string, ms: number): void
  opened(): void
  closed(): void
  /** The text format 0.0.4. */
  text(): string
}

/** Upper bounds in seconds, which Prometheus clients have by default. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

interface Series {
  readonly labels: Labels
  /** How many statements each bound was the first to hold; the last is of those beyond all. */
  readonly buckets: number[]
  seconds: number
}

export function collectMetrics(): Metrics {
  const series = new Map<string, Series>()
  let open = 0
  let most = 0
  return {
    query: (text, ms) => {
      const labels = { ...subjectOf(text) }
      const key = labelText(labels)
      const found = series.get(key) ?? { labels, buckets: [0, ...BOUNDS.map(() => 0)], seconds: 0 }
      series.set(key, found)
      const seconds = ms / 1000
      const bound = BOUNDS.findIndex(each => seconds <= each)
      const place = bound < 0 ? BOUNDS.length : bound
      found.buckets[place] = (found.buckets[place] ?? 0) + 1
      found.seconds += seconds
    },
    opened: () => {
      open += 1
      most = Math.max(most, open)
    },
    closed: () => {
      open -= 1
    },
    text: () => exposition([...series.values()], most),
  }
}

function exposition(series: readonly Series[], connections: number): string {
  return [
    '# HELP db_queries_total Statements that were sent, by what they do and the first table they name.',
    '# TYPE db_queries_total counter',
    ...series.map(({ labels, buckets }) => `db_queries_total${labelText(labels)} ${sum(buckets)}`),
    '# HELP db_query_duration_seconds How long the server took to answer a statement.',
    '# TYPE db_query_duration_seconds histogram',
    ...series.flatMap(histogram),
    '# HELP db_connection_pool_size Connections that were open at once, at the most.',
    '# TYPE db_connection_pool_size gauge',
    `db_connection_pool_size ${connections}`,
    '',
  ].join('\n')
}

function histogram({ labels, buckets, seconds }: Series): string[] {
  const name = 'db_query_duration_seconds'
  const cumulative = [...BOUNDS.map(String), '+Inf'].map(
    (le, place) => `${name}_bucket${labelText({ ...labels, le })} ${sum(buckets.slice(0, place + 1))}`,
  )
  return [
    ...cumulative,
    `${name}_sum${labelText(labels)} ${seconds}`,
    `${name}_count${labelText(labels)} ${sum(buckets)}`,
  ]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
