import { expect, it } from 'vitest'
import { columns, minor } from '../../src/stats/columns.ts'
import { nextLook } from '../../src/stats/deltas.ts'
import type { StatsReport } from '../../src/stats/report.ts'
import type { StatsResult } from '../../src/stats/run.ts'

const report: StatsReport = {
  name: 'scans',
  summary: 'scans of tables',
  reads: [],
  needs: null,
  columns: [],
  identity: ['table'],
  counters: ['scans', 'waitMs'],
  ask: async () => ({ rows: [] }),
}

function result(at: string, rows: StatsResult['rows']): StatsResult {
  return {
    report: 'scans',
    at,
    since: null,
    columns: [...columns('table', 'scans', 'waitMs'), ...minor('rows')],
    rows,
    total: rows.length,
    notes: [],
  }
}

const first = nextLook(
  report,
  result('2026-01-01T00:00:00Z', [{ table: 'a', scans: 5, waitMs: 1 }]),
  undefined,
)
const second = nextLook(
  report,
  result('2026-01-01T00:00:02Z', [
    { table: 'b', scans: 9, waitMs: 0 },
    { table: 'a', scans: 8, waitMs: 1 },
  ]),
  first,
)

it('has nothing to compare with at first', () => {
  expect(first.result).toMatchObject({ intervalMs: null, reset: false })
  expect(first.result.rows).toEqual([
    { table: 'a', scans: 5, waitMs: 1, scansDelta: null, waitMsDelta: null, history: [] },
  ])
  expect(first.result.columns).toEqual([
    { key: 'table', title: 'table' },
    { key: 'scans', title: 'scans' },
    { key: 'scansDelta', title: '+ scans' },
    { key: 'waitMs', title: 'wait', unit: 'milliseconds' },
    { key: 'waitMsDelta', title: '+ wait', unit: 'milliseconds' },
    { key: 'history', title: '+ scans, lately' },
    { key: 'rows', title: 'rows', minor: true },
  ])
})

it('tells what counters grew by, whatever the order of the rows', () => {
  expect(second.result).toMatchObject({ intervalMs: 2000, reset: false, notes: [] })
  expect(second.result.rows).toEqual([
    { table: 'b', scans: 9, waitMs: 0, scansDelta: null, waitMsDelta: null, history: [] },
    { table: 'a', scans: 8, waitMs: 1, scansDelta: 3, waitMsDelta: 0, history: [3] },
  ])
})

it('says so when a counter fell, and forgets what was before', () => {
  const third = nextLook(
    report,
    result('2026-01-01T00:00:04Z', [{ table: 'a', scans: 1, waitMs: 2 }]),
    second,
  )
  expect(third.result).toMatchObject({
    reset: true,
    notes: [{ message: 'Reset detected: the counters began anew.', fix: null }],
  })
  expect(third.result.rows).toEqual([
    { table: 'a', scans: 1, waitMs: 2, scansDelta: null, waitMsDelta: null, history: [] },
  ])
  const fourth = nextLook(
    report,
    result('2026-01-01T00:00:06Z', [{ table: 'a', scans: 2, waitMs: 2 }]),
    third,
  )
  expect(fourth.result.rows).toEqual([
    { table: 'a', scans: 2, waitMs: 2, scansDelta: 1, waitMsDelta: 0, history: [1] },
  ])
})

it('remembers the last twenty looks', () => {
  let look = first
  for (let second = 10; second < 40; second += 1)
    look = nextLook(
      report,
      result(`2026-01-01T00:00:${second}Z`, [{ table: 'a', scans: second, waitMs: 1 }]),
      look,
    )
  expect(look.result.rows[0]?.history).toEqual(Array.from({ length: 20 }, () => 1))
})
