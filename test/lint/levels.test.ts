import { expect, it } from 'vitest'
import type { OpsConfig } from '../../src/config.ts'
import { levelsOf } from '../../src/lint/levels.ts'
import { thrown } from '../support/thrown.ts'

const configured = (rules: object) =>
  levelsOf({ ops: { lint: { rules } } as OpsConfig, configFile: 'drizzle.config.ts' })

it.each([
  [200, 'note'],
  [9999, 'note'],
  [10_000, 'warning'],
  [999_999, 'warning'],
  [1_000_000, 'error'],
  [50_000_000, 'error'],
  [null, 'warning'],
] as const)('a lock on %s rows is %s', (rows, level) => {
  expect(configured({})('index-not-concurrent', rows)).toBe(level)
})

it.each([
  [0, 'note'],
  [1, 'warning'],
  [1_000_000, 'error'],
  [null, 'warning'],
] as const)('the loss of %s rows is %s', (rows, level) => {
  expect(configured({})('drop-table', rows)).toBe(level)
})

it('takes thresholds of rows from the config', () => {
  const levels = configured({
    'index-not-concurrent': { warning: 10, error: 100 },
    'drop-column': { error: 5 },
  })
  expect([5, 50, 500].map(rows => levels('index-not-concurrent', rows))).toEqual(['note', 'warning', 'error'])
  expect([0, 1, 5].map(rows => levels('drop-column', rows))).toEqual(['note', 'warning', 'error'])
})

it('takes levels from the config, and lets it turn rules off', () => {
  const levels = configured({ 'drop-table': 'error', 'small-key': 'off', 'required-column': 'note' })
  expect(levels('drop-table', 0)).toBe('error')
  expect(levels('small-key', undefined)).toBeUndefined()
  expect(levels('required-column', null, 'error')).toBe('note')
})

it('names the nearest rule', async () => {
  expect(await thrown(() => configured({ 'drop-tables': 'off' }))).toMatchObject({
    code: 'ops-unknown-key',
    message: 'ops.lint.rules of drizzle.config.ts names an unknown rule drop-tables.',
    hint: expect.stringMatching(/^Did you mean drop-table\? The rules are index-not-concurrent, /),
    exit: 2,
  })
})

it.each([['loud'], [7], [{ warnings: 5 }], [{ warning: 'many' }], [null]])('refuses %j', async setting => {
  expect(await thrown(() => configured({ truncate: setting }))).toMatchObject({
    code: 'ops-invalid',
    message: "ops.lint.rules['truncate'] of drizzle.config.ts is neither a level nor thresholds.",
    hint: "Write 'off', 'note', 'warning', 'error', or { warning: 10000, error: 1000000 }, which count the table's rows.",
    exit: 2,
  })
})
