import { type Block, line, type Row, type Tone, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import type { Verdict } from './check.ts'
import type { CheckResult, Examined } from './examine.ts'
import type { IgnoreUse } from './suppress.ts'

const TONES: Record<Verdict, Tone> = {
  ok: 'good',
  warn: 'warn',
  critical: 'bad',
  unknown: 'warn',
  skipped: 'dim',
}

const ORDER: readonly Verdict[] = ['critical', 'warn', 'unknown', 'ok', 'skipped']

const COLUMNS = [
  { key: 'status', title: 'status' },
  { key: 'id', title: 'check' },
  { key: 'message', title: 'finding' },
]

/** Notes of one check that are told one by one. */
const NOTES = 3

/** The worst first, each with what ends it; notes of a check in one row where there are many. */
export function findingsView({ checks, ignores, status, ms }: Examined & { readonly ms: number }): Block[] {
  const sorted = checks.toSorted((one, other) => place(one) - place(other))
  const problems = sorted.filter(({ status, suppressed }) => isProblem(status) && suppressed === null)
  const ids = new Set(checks.map(({ id }) => id))
  return [
    table(COLUMNS, rowsOf(sorted)),
    ...problems.flatMap(fixOf),
    ...ignores.flatMap(ignoreLine),
    line(`${status} (${ids.size} checks in ${milliseconds(ms)}${notesAre(checks)})`, TONES[status]),
  ]
}

/** What could be better comes before what could not. */
function place(check: CheckResult): number {
  return ORDER.indexOf(check.status) * 2 + (isNote(check) ? 0 : 1)
}

function isNote({ status, fix }: CheckResult): boolean {
  return status === 'ok' && fix !== null
}

function notesAre(checks: readonly CheckResult[]): string {
  const notes = checks.filter(isNote).length
  if (notes === 0) return ''
  return notes === 1 ? '; 1 note has a fix in --json' : `; ${notes} notes have a fix in --json`
}

export function isProblem(status: Verdict): boolean {
  return status === 'critical' || status === 'warn' || status === 'unknown'
}

function rowsOf(sorted: readonly CheckResult[]): Row[] {
  const notes = new Map<string, CheckResult[]>()
  for (const check of sorted.filter(({ status }) => status === 'ok')) {
    const alike = notes.get(check.id)
    if (alike) alike.push(check)
    else notes.set(check.id, [check])
  }
  return sorted.flatMap(check => {
    const alike = (check.status === 'ok' && notes.get(check.id)) || []
    if (alike.length <= NOTES) return [rowOf(check, check.message)]
    if (check !== alike[0]) return []
    return [rowOf(check, `${check.message} And ${alike.length - 1} more like it (--json lists them).`)]
  })
}

function rowOf(check: CheckResult, message: string): Row {
  const { status, id, object, value, unit, fix, fingerprint, suppressed } = check
  const because =
    suppressed === null
      ? ''
      : suppressed.by === 'ignore'
        ? ` Ignored: ${suppressed.reason}.`
        : ' In the baseline.'
  return {
    cells: { status, id, object, value, unit, message: `${message}${because}`, fix, fingerprint },
    tone: suppressed !== null ? 'dim' : isNote(check) ? 'strong' : TONES[status],
  }
}

function fixOf({ id, object, fix, drizzle, status }: CheckResult): Block[] {
  if (fix === null && drizzle === null) return []
  return [
    line(`${id}${object === null ? '' : ` ${object}`}`, TONES[status]),
    ...(fix === null ? [] : [line(`  → ${fix}`)]),
    ...(drizzle === null ? [] : [line(`  → ${drizzle.file}:${drizzle.line}  ${drizzle.fix}`)]),
  ]
}

function ignoreLine({ check, object, reason, until, state }: IgnoreUse): Block[] {
  const what = `ops.health ignores ${check}${object === null ? '' : ` of ${object}`} (${reason})`
  if (state === 'expired') return [line(`${what} until ${until} only: that is over.`, 'warn')]
  return state === 'unused' ? [line(`${what}, but there is nothing of the kind: take it out.`, 'dim')] : []
}
