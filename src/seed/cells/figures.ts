import type { Making } from './making.ts'

/** What numbers of such a name usually lie between. The first that fits. */
const FIGURES: readonly (readonly [RegExp, number, number])[] = [
  [/(^|_)age$/i, 18, 80],
  [/(^|_)year$/i, 1990, 2026],
  [/(^|_)month$/i, 1, 12],
  [/(^|_)day$/i, 1, 28],
  [/hour/i, 0, 23],
  [/minute/i, 0, 59],
  [/percent|progress|completion/i, 0, 100],
  [/rating|stars/i, 1, 5],
  [/confidence|probability|ratio|weight|temperature/i, 0, 1],
  [/score/i, 0, 100],
  [/(^|_)(depth|level|tier|priority|severity)$/i, 0, 4],
  [/(^|_)(order|position|index|rank|sort|ordinal|sequence)$|(^|_)(sort|display)_?order$/i, 0, 20],
  [/phase|step/i, 0, 8],
  [/version|revision/i, 1, 9],
  [/attempt|retr(y|ies)/i, 0, 3],
  [/(^|_)(count|total|quantity|qty|num|number|items|views|likes|votes)$|_?count$/i, 0, 50],
  [/price|amount|cost|fee|salary|balance|budget/i, 1, 500],
  [/status_?code/i, 200, 204],
  [/port$/i, 3000, 9000],
  [/exit_?code/i, 0, 1],
  [/duration|elapsed|latency|_ms$/i, 10, 30_000],
  [/bytes|(^|_)size$|file_?size/i, 200, 200_000],
  [/token/i, 50, 8000],
  [/lat(itude)?$/i, -60, 60],
  [/(lng|lon|longitude)$/i, -180, 180],
]

/** The limits of a number, where none is said by what is usual for its name. */
export function figured(column: string, making: Making): Making {
  const { limits, distinct, precision, scale } = making
  const [, low, high] = FIGURES.find(([pattern]) => pattern.test(column)) ?? []
  if (low === undefined || high === undefined || distinct) return making
  const room = precision === null ? Number.POSITIVE_INFINITY : 10 ** (precision - (scale ?? 0)) - 1
  if (high > room) return making
  const bounds = [limits.minimum, limits.maximum, limits.above, limits.below]
  const holds = bounds.every(bound => bound === undefined || (bound >= low && bound <= high))
  const least = limits.above === undefined ? { minimum: limits.minimum ?? low } : {}
  const most = limits.below === undefined ? { maximum: limits.maximum ?? high } : {}
  return holds ? { ...making, limits: { ...limits, ...least, ...most } } : making
}
