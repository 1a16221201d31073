import { describe, expect, it } from 'vitest'
import type { LintOutcome } from '../../src/lint/run.ts'
import { emptyGuest, migratedGuest, projectNames } from '../support/guests.ts'
import { documentOf, type Outcome, ops } from '../support/program.ts'

/** How often each rule speaks, but for what is only hard to change later. */
function told(outcome: Outcome) {
  const counts: Record<string, number> = {}
  for (const { level, rule } of documentOf<LintOutcome>(outcome).findings)
    if (level !== 'note') counts[`${level} ${rule}`] = (counts[`${level} ${rule}`] ?? 0) + 1
  return counts
}

/** Each of these was looked at: a statement that hurts once its table is large, or takes a column away. */
const UNKNOWN_SIZES: Readonly<Record<(typeof projectNames)[number], object>> = {
  platform: { 'warning check-validates': 1, 'warning index-not-concurrent': 1 },
  codegen: { 'warning index-not-concurrent': 1 },
  'product-helper': { 'warning index-not-concurrent': 2 },
  'claude-code': { 'warning index-not-concurrent': 1, 'warning drop-column': 1 },
  draehi: { 'warning drop-column': 1 },
  'backend-template': {},
  'backend-template-1.0': {},
}

describe.each(projectNames)('%s', name => {
  it('is told what would hurt, where nobody knows how large its tables are', async () => {
    const { here } = await emptyGuest(name)
    const outcome = await ops(['lint', '--all', '--json', '--url', 'postgres://a@127.0.0.1:1/a'], here)
    expect(told(outcome)).toEqual(UNKNOWN_SIZES[name])
    expect(outcome.code).toBe(0)
  })

  it('hears no warning on empty tables, before and after it is migrated', async () => {
    for (const { here } of [await emptyGuest(name), await migratedGuest(name)])
      expect(told(await ops(['lint', '--all', '--json'], here))).toEqual({})
    const { here } = await migratedGuest(name)
    expect(documentOf(await ops(['lint', '--json'], here))).toMatchObject({
      files: [],
      sizes: 'live',
      findings: [],
    })
  })
})
