import { describe, expect, it } from 'vitest'
import { refuseDoubtfulHistory } from '../../src/migrations/refuse.ts'
import type { MigrationState, State } from '../../src/migrations/state.ts'
import { thrown } from '../support/thrown.ts'

const inspection = (...states: (readonly [name: string, state: State, note?: string])[]) => ({
  folder: { layout: 'journal', path: '/drizzle', migrations: [] } as const,
  history: { shape: '0.x', schemaExists: true, rows: [] } as const,
  judged: states.map(([name, state, note = null]) => {
    const described: MigrationState = { name, state, note, when: null, appliedAt: null, file: null }
    return { state: described, migration: undefined, row: undefined }
  }),
})

const REFUSED = 'The history does not match the files, so nothing was applied.'

describe('a history is refused', () => {
  it.each<[state: State, reason: string, remedy: string]>([
    [
      'edited',
      'was changed after it had been applied',
      'drizzle-ops repair --accept-edits, once the database has been brought in line by hand',
    ],
    [
      'missing',
      'is recorded as applied, but its file is gone',
      'restore the file, or drizzle-ops repair --forget 0001_b',
    ],
    [
      'future',
      'is stamped in the future, and every migration made before that moment would be skipped by stock drizzle',
      'drizzle-ops repair --restamp 0001_b',
    ],
    [
      'late',
      'is older than the newest applied one; stock drizzle would skip it in silence',
      'drizzle-ops migrate --allow late to run it now, or drizzle-ops repair --restamp 0001_b',
    ],
  ])('for one that is %s', async (state, reason, remedy) => {
    const seen = inspection(['0000_a', 'applied'], ['0001_b', state], ['0002_c', 'pending'])
    expect(await thrown(() => refuseDoubtfulHistory(seen, []))).toMatchObject({
      code: 'history',
      message: `${REFUSED}\n0001_b ${reason}.`,
      hint: `${state}: ${remedy}`,
      exit: 1,
    })
  })

  it('naming each, and what all the edited ones need once', async () => {
    const seen = inspection(['0000_a', 'edited'], ['0001_b', 'edited'], ['row 7', 'missing'])
    expect(await thrown(() => refuseDoubtfulHistory(seen, ['late']))).toMatchObject({
      message: `${REFUSED}
0000_a was changed after it had been applied.
0001_b was changed after it had been applied.
row 7 is recorded as applied, but its file is gone.`,
      hint: `edited: drizzle-ops repair --accept-edits, once the database has been brought in line by hand
missing: restore the file, or drizzle-ops repair --forget 'row 7'`,
    })
  })

  it('with a command that a shell takes as it stands', async () => {
    const seen = inspection(["0001_it's; rm -rf", 'future'])
    expect((await thrown(() => refuseDoubtfulHistory(seen, []))).hint).toBe(
      `future: drizzle-ops repair --restamp '0001_it'\\''s; rm -rf'`,
    )
  })
})

describe('a history is taken', () => {
  it.each<[what: string, states: (readonly [string, State, string?])[], allow: string[]]>([
    ['with nothing in it', [], []],
    [
      'with what is applied, restamped or pending',
      [
        ['a', 'applied'],
        ['b', 'restamped', 'recorded as …'],
        ['c', 'pending'],
      ],
      [],
    ],
    [
      'with what a squash has left',
      [['row 1', 'missing', 'older than the oldest file, as after a squash']],
      [],
    ],
    ['with what is late, where that is allowed', [['a', 'late']], ['deletes-data', 'late']],
  ])('%s', (_, states, allow) => {
    expect(() => refuseDoubtfulHistory(inspection(...states), allow)).not.toThrow()
  })
})
