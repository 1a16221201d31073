export interface Family {
  readonly type: string
  /** Value by series, as written: `name{label="value"}`. */
  readonly samples: ReadonlyMap<string, number>
}

const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
const SAMPLE = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{${LABEL}(?:,${LABEL})*\\})? (\\S+)$`)
const PARTS = { histogram: ['_bucket', '_sum', '_count'], counter: [''], gauge: [''] } as const

/**
 * Reads the text format 0.0.4 as strictly as its grammar allows: HELP, TYPE, then the samples of that family and no
 * other, no series twice, counters whole, and of each histogram rising buckets up to its count.
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.')
  const families = new Map<string, { type: keyof typeof PARTS; samples: Map<string, number> }>()
  let helped = ''
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help] = /^# HELP (\S+) \S.*$/.exec(line) ?? []
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
    if (help) helped = help
    else if (typed) {
      if (typed !== helped || families.has(typed)) throw new Error(`Out of place: ${line}`)
      families.set(typed, { type: type as keyof typeof PARTS, samples: new Map() })
      current = typed
    } else {
      const [, name, labels = '', value] = SAMPLE.exec(line) ?? []
      const family = families.get(current)
      if (!name || !family || !PARTS[family.type].some(part => name === `${current}${part}`))
        throw new Error(`Out of place: ${line}`)
      if (family.samples.has(name + labels)) throw new Error(`Twice: ${line}`)
      if (!Number.isFinite(Number(value))) throw new Error(`No number: ${line}`)
      family.samples.set(name + labels, Number(value))
    }
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkHistogram(name, samples)
  return families
}

function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const counts = [...samples].filter(([series]) => series.startsWith(`${name}_count`))
  for (const [series, count] of counts) {
    const labels = series.slice(`${name}_count`.length).replace(/\}$/, '')
    const buckets = [...samples].filter(([each]) => each.startsWith(`${name}_bucket${labels},le=`))
    const bounds = buckets.map(([each]) =>
      Number(/le="([^"]+)"\}$/.exec(each)?.[1]?.replace('+Inf', 'Infinity')),
    )
    const values = buckets.map(([, value]) => value)
    const rising = (numbers: number[]) => numbers.every((each, n) => n === 0 || each >= (numbers[n - 1] ?? 0))
    if (!rising(bounds) || !rising(values) || bounds.at(-1) !== Infinity || values.at(-1) !== count)
      throw new Error(`The buckets of ${series} are not a histogram's.`)
    if (!samples.has(`${name}_sum${labels}}`)) throw new Error(`${series} has no sum.`)
  }
}
