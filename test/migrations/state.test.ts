import { describe, expect, it } from 'vitest'
import type { Layout, Migration } from '../../src/migrations/folder.ts'
import type { HistoryRow, HistoryShape } from '../../src/migrations/history.ts'
import { isUpToDate, judge } from '../../src/migrations/state.ts'

const MINUTE = 60_000
/** 2026-01-01T00:00:00.123Z: drizzle-kit 0.x stamps with milliseconds. */
const START = 1_767_225_600_123
const NOW = START + 1000 * MINUTE

const when = (minute: number) => START + minute * MINUTE
const whole = (stamp: number) => stamp - (stamp % 1000)
const iso = (stamp: number) => new Date(stamp).toISOString()

/** A file that was made in that minute; its hash stands for its text. */
interface FileFacts {
  readonly name: string
  readonly when: number
  readonly hash: string
  readonly otherLineEndings: readonly string[]
}

const file = (minute: number, facts: Partial<FileFacts> = {}): FileFacts => ({
  name: `m${minute}`,
  when: when(minute),
  hash: `hash of m${minute}`,
  otherLineEndings: [`LF of m${minute}`, `CRLF of m${minute}`],
  ...facts,
})

/** The row that stock drizzle 0.x writes for that file. */
const row = (minute: number, facts: Partial<HistoryRow> = {}): Omit<HistoryRow, 'id'> => ({
  hash: `hash of m${minute}`,
  createdAt: when(minute),
  name: null,
  appliedAt: null,
  ...facts,
})

/** A folder of 1.0, stamped to the second, and the row that 1.0 writes for it. */
const folder = (minute: number, facts: Partial<FileFacts> = {}) =>
  file(minute, { when: whole(when(minute)), ...facts })
const named = (minute: number, facts: Partial<HistoryRow> = {}) =>
  row(minute, { createdAt: whole(when(minute)), name: `m${minute}`, appliedAt: iso(NOW), ...facts })

interface Case {
  readonly layout: Layout
  readonly shape: HistoryShape
  readonly files: readonly FileFacts[]
  readonly rows: readonly Omit<HistoryRow, 'id'>[]
  /** `name state` or `name state: note`. */
  readonly states: readonly string[]
  readonly upToDate: boolean
}

const LATE = 'drizzle-kit migrate would skip it in silence'
const SQUASH = 'older than the oldest file, as after a squash'

const journal: [what: string, Omit<Case, 'layout' | 'shape'>][] = [
  ['nothing at all', { files: [], rows: [], states: [], upToDate: true }],
  [
    'nothing applied yet',
    { files: [file(1), file(2)], rows: [], states: ['m1 pending', 'm2 pending'], upToDate: false },
  ],
  [
    'everything applied',
    {
      files: [file(1), file(2)],
      rows: [row(1), row(2)],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'the newest pending',
    { files: [file(1), file(2)], rows: [row(1)], states: ['m1 applied', 'm2 pending'], upToDate: false },
  ],
  [
    'one older than the newest applied',
    {
      files: [file(1), file(2), file(3)],
      rows: [row(1), row(3)],
      states: ['m1 applied', `m2 late: ${LATE}`, 'm3 applied'],
      upToDate: false,
    },
  ],
  [
    'a late one, and pending ones after it in the journal',
    {
      files: [file(3), file(2), file(4)],
      rows: [row(3)],
      states: ['m3 applied', `m2 late: ${LATE}`, 'm4 pending'],
      upToDate: false,
    },
  ],
  [
    'an applied file with another text',
    {
      files: [file(1, { hash: 'other', otherLineEndings: [] }), file(2)],
      rows: [row(1), row(2)],
      states: ['m1 edited', 'm2 applied'],
      upToDate: false,
    },
  ],
  [
    'an applied file with other line endings',
    {
      files: [file(1), file(2)],
      rows: [row(1, { hash: 'CRLF of m1' }), row(2, { hash: 'LF of m2' })],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'an applied file with another stamp',
    {
      files: [file(1, { when: when(5) }), file(6)],
      rows: [row(1)],
      states: [`m1 restamped: recorded as ${iso(when(1))}`, 'm6 pending'],
      upToDate: false,
    },
  ],
  [
    'a row without a stamp',
    {
      files: [file(1), file(2)],
      rows: [row(1, { createdAt: null })],
      states: ['m1 restamped: recorded without a time', 'm2 pending'],
      upToDate: false,
    },
  ],
  [
    'a row without a stamp that no file has made',
    {
      files: [file(1)],
      rows: [row(1), row(9, { createdAt: null })],
      states: ['m1 applied', 'row 2 missing'],
      upToDate: false,
    },
  ],
  [
    'an applied file that is gone',
    {
      files: [file(1), file(3)],
      rows: [row(1), row(2), row(3)],
      states: ['m1 applied', 'm3 applied', 'row 2 missing'],
      upToDate: false,
    },
  ],
  [
    'a squash',
    {
      files: [file(3), file(4)],
      rows: [row(1), row(2), row(3)],
      states: ['m3 applied', 'm4 pending', `row 1 missing: ${SQUASH}`, `row 2 missing: ${SQUASH}`],
      upToDate: false,
    },
  ],
  [
    'a squash, and all else applied',
    {
      files: [file(3)],
      rows: [row(1), row(3)],
      states: ['m3 applied', `row 1 missing: ${SQUASH}`],
      upToDate: true,
    },
  ],
  ['no files any more', { files: [], rows: [row(1)], states: ['row 1 missing'], upToDate: false }],
  [
    'a stamp 6 minutes ahead',
    { files: [file(1), file(1006)], rows: [row(1)], states: ['m1 applied', 'm1006 future'], upToDate: false },
  ],
  [
    'a stamp 4 minutes ahead',
    {
      files: [file(1), file(1004)],
      rows: [row(1)],
      states: ['m1 applied', 'm1004 pending'],
      upToDate: false,
    },
  ],
  [
    'a stamp ahead that was applied all the same',
    {
      files: [file(1006), file(2)],
      rows: [row(1006)],
      states: ['m1006 applied', `m2 late: ${LATE}`],
      upToDate: false,
    },
  ],

  [
    'two files with one stamp',
    {
      files: [file(1), file(2, { when: when(1) })],
      rows: [],
      states: ['m1 pending', 'm2 pending'],
      upToDate: false,
    },
  ],
  [
    'two files with one stamp, one applied',
    {
      files: [file(1), file(2, { when: when(1) })],
      rows: [row(2, { createdAt: when(1) })],
      states: [`m1 late: ${LATE}`, 'm2 applied'],
      upToDate: false,
    },
  ],
  [
    'two files with one stamp, both applied',
    {
      files: [file(1), file(2, { when: when(1) })],
      rows: [row(1), row(2, { createdAt: when(1) })],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'identical files',
    {
      files: [file(1), file(2, { hash: 'hash of m1' })],
      rows: [row(1)],
      states: ['m1 applied', 'm2 pending'],
      upToDate: false,
    },
  ],
  [
    'identical files, the newer applied',
    {
      files: [file(1), file(2, { hash: 'hash of m1' })],
      rows: [row(1, { createdAt: when(2) })],
      states: [`m1 late: ${LATE}`, 'm2 applied'],
      upToDate: false,
    },
  ],
  [
    'identical files, both applied',
    {
      files: [file(1), file(2, { hash: 'hash of m1' })],
      rows: [row(1), row(1, { createdAt: when(2) })],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'rows that runs of stock drizzle at once have doubled',
    {
      files: [file(1), file(2)],
      rows: [row(1), row(1), row(1), row(2)],
      states: ['m1 applied: recorded 3 times', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'stamps that lie a millisecond apart',
    {
      files: [file(1), file(2, { when: when(1) + 2 })],
      rows: [row(1), row(7, { createdAt: when(1) + 1 })],
      states: ['m1 applied', 'm2 pending', 'row 2 missing'],
      upToDate: false,
    },
  ],
  [
    'a round stamp in the second of a row',
    {
      files: [file(1, { when: whole(when(1)), hash: 'other', otherLineEndings: [] })],
      rows: [row(1)],
      states: [`m1 late: ${LATE}`, 'row 1 missing'],
      upToDate: false,
    },
  ],
]

/** What the journal's files are after `drizzle-kit up` and drizzle 1.0 have been at them. */
const folders: [what: string, Omit<Case, 'layout' | 'shape'>][] = [
  ['nothing applied yet', { files: [folder(1)], rows: [], states: ['m1 pending'], upToDate: false }],
  [
    'everything applied',
    {
      files: [folder(1), folder(2)],
      rows: [named(1), named(2)],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
  [
    'one older than the newest applied',
    {
      files: [folder(1), folder(2)],
      rows: [named(2)],
      states: ['m1 pending: older than the newest applied', 'm2 applied'],
      upToDate: false,
    },
  ],
  [
    'an applied folder with another text',
    {
      files: [folder(1, { hash: 'other', otherLineEndings: [] })],
      rows: [named(1)],
      states: ['m1 edited'],
      upToDate: false,
    },
  ],
  [
    'an applied folder with other line endings',
    { files: [folder(1)], rows: [named(1, { hash: 'LF of m1' })], states: ['m1 applied'], upToDate: true },
  ],
  [
    'an applied folder with another name',
    {
      files: [folder(1, { name: 'renamed' })],
      rows: [named(1)],
      states: ['renamed restamped: recorded as m1'],
      upToDate: true,
    },
  ],
  [
    'an applied folder that is gone',
    { files: [folder(1)], rows: [named(1), named(2)], states: ['m1 applied', 'm2 missing'], upToDate: false },
  ],
  [
    'a squash',
    {
      files: [folder(3)],
      rows: [named(1), named(3)],
      states: ['m3 applied', `m1 missing: ${SQUASH}`],
      upToDate: true,
    },
  ],
  ['a stamp 6 minutes ahead', { files: [folder(1006)], rows: [], states: ['m1006 future'], upToDate: false }],
  [
    'two folders of one second, one applied',
    {
      files: [folder(1), folder(2, { when: whole(when(1)) })],
      rows: [named(2, { createdAt: whole(when(1)) })],
      states: ['m1 pending: older than the newest applied', 'm2 applied'],
      upToDate: false,
    },
  ],
  [
    'identical folders',
    {
      files: [folder(1), folder(2, { hash: 'hash of m1' })],
      rows: [named(1)],
      states: ['m1 applied', 'm2 pending'],
      upToDate: false,
    },
  ],
  [
    'a named row that another folder’s stamp would fit',
    {
      files: [folder(1), folder(2, { when: whole(when(1)), hash: 'new' })],
      rows: [named(1)],
      states: ['m1 applied', 'm2 pending: older than the newest applied'],
      upToDate: false,
    },
  ],
  [
    'a row without a name, as drizzle 0.x leaves it in a 1.0 table',
    {
      files: [folder(1), folder(2)],
      rows: [named(1), row(2)],
      states: ['m1 applied', 'm2 applied'],
      upToDate: true,
    },
  ],
]

describe('files of the journal', () => {
  it.each(journal)('and a table of 0.x: %s', (_, facts) =>
    verify({ layout: 'journal', shape: '0.x', ...facts }),
  )

  it.each<[string, Omit<Case, 'layout' | 'shape'>]>([
    [
      'stamps that the upgrade has cut',
      {
        files: [file(1), file(2)],
        rows: [named(1), named(2)],
        states: ['m1 applied', 'm2 applied'],
        upToDate: true,
      },
    ],
    [
      'a cut stamp and another text',
      {
        files: [file(1, { hash: 'other', otherLineEndings: [] })],
        rows: [named(1)],
        states: ['m1 edited'],
        upToDate: false,
      },
    ],
    [
      'a cut stamp and other line endings',
      { files: [file(1)], rows: [named(1, { hash: 'CRLF of m1' })], states: ['m1 applied'], upToDate: true },
    ],
    [
      'a late one',
      {
        files: [file(1), file(2)],
        rows: [named(2)],
        states: [`m1 late: ${LATE}`, 'm2 applied'],
        upToDate: false,
      },
    ],
    [
      'a file that is gone',
      {
        files: [file(2)],
        rows: [named(2), named(3, { name: '20260101000300_gone' })],
        states: ['m2 applied', '20260101000300_gone missing'],
        upToDate: false,
      },
    ],
    [
      'a newer stamp',
      {
        files: [file(1, { when: when(4) })],
        rows: [named(1, { name: '20260101000100_m1' })],
        states: ['m1 restamped: recorded as 20260101000100_m1'],
        upToDate: true,
      },
    ],
  ])('and a table of 1.0: %s', (_, facts) => verify({ layout: 'journal', shape: '1.0', ...facts }))
})

describe('folders', () => {
  it.each(folders)('and a table of 1.0: %s', (_, facts) =>
    verify({ layout: 'folders', shape: '1.0', ...facts }),
  )

  it.each<[string, Omit<Case, 'layout' | 'shape'>]>([
    [
      'stamps with milliseconds',
      {
        files: [folder(1), folder(2)],
        rows: [row(1)],
        states: ['m1 applied', 'm2 pending'],
        upToDate: false,
      },
    ],
    [
      'another text',
      {
        files: [folder(1, { hash: 'other', otherLineEndings: [] })],
        rows: [row(1)],
        states: ['m1 edited'],
        upToDate: false,
      },
    ],
    [
      'two of one second, told apart by their hashes',
      {
        files: [folder(1), folder(2, { when: whole(when(1)) })],
        rows: [row(2, { createdAt: when(1) + 500 }), row(1)],
        states: ['m1 applied', 'm2 applied'],
        upToDate: true,
      },
    ],
    [
      'a row of no folder',
      {
        files: [folder(1)],
        rows: [row(1), row(7)],
        states: ['m1 applied', 'row 2 missing'],
        upToDate: false,
      },
    ],
  ])('and a table of 0.x: %s', (_, facts) => verify({ layout: 'folders', shape: '0.x', ...facts }))
})

it('tells when each was made and applied, and from which file and row', () => {
  const [applied, gone] = judged({
    layout: 'folders',
    shape: '1.0',
    files: [folder(2)],
    rows: [named(2), named(3)],
  })
  expect(applied).toMatchObject({
    migration: { name: 'm2' },
    row: { id: 1 },
    state: { when: iso(whole(when(2))), appliedAt: iso(NOW), file: 'm2.sql' },
  })
  expect(gone).toMatchObject({
    migration: undefined,
    row: { id: 2 },
    state: { when: iso(whole(when(3))), appliedAt: iso(NOW), file: null },
  })
})

it('takes a stamp beyond all dates for unknown', () => {
  const facts = { layout: 'journal', shape: '0.x', files: [], rows: [row(1, { createdAt: 9e15 })] } as const
  expect(judged(facts)).toMatchObject([{ state: { name: 'row 1', state: 'missing', when: null } }])
})

it('compares 20,000 files and rows without comparing each with each', () => {
  const minutes = Array.from({ length: 20_000 }, (_, minute) => minute / 100)
  const files = minutes.map(minute => file(minute))
  const states = judged({ layout: 'journal', shape: '0.x', files, rows: minutes.map(minute => row(minute)) })
  expect(isUpToDate(states.map(({ state }) => state))).toBe(true)
})

function verify({ states, upToDate, ...facts }: Case) {
  const found = judged(facts).map(({ state }) => state)
  expect(found.map(({ name, state, note }) => `${name} ${state}${note === null ? '' : `: ${note}`}`)).toEqual(
    states,
  )
  expect(isUpToDate(found)).toBe(upToDate)
}

function judged({ layout, shape, files, rows }: Omit<Case, 'states' | 'upToDate'>) {
  const migrations = files.map(
    ({ otherLineEndings, ...facts }): Migration => ({
      ...facts,
      file: `${facts.name}.sql`,
      otherLineEndings: () => otherLineEndings,
    }),
  )
  const history = {
    shape,
    schemaExists: true,
    rows: rows.map((facts, index) => ({ id: index + 1, ...facts })),
  }
  return judge({ layout, path: '/drizzle', migrations }, history, NOW)
}
