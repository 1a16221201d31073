import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { line, type Tone, table } from '../../src/output/blocks.ts'
import { plain } from '../../src/output/plain.ts'
import { terminal } from '../../src/output/terminal.ts'

const columns = [
  { key: 'state', title: 'state' },
  { key: 'name', title: 'migration' },
  { key: 'ms', title: 'time', unit: 'milliseconds' },
  { key: 'note', title: 'note' },
] as const

const history = table(columns, [
  { cells: { state: 'applied', name: '0000_users', ms: 12 }, tone: 'good' },
  {
    cells: {
      state: 'late',
      name: '0001_a_rather_long_name_of_a_migration',
      ms: 90_000,
      note: 'drizzle-kit migrate would skip it',
    },
    tone: 'bad',
  },
])
const wide = table(columns, [
  { cells: { state: 'applied', name: '名前が長い移行', ms: 1 } },
  { cells: { state: '状態', name: 'x😀y', ms: 20, note: 'größe e\u0301' } },
])

describe('a table on a terminal', () => {
  it('is as wide as it needs to be, without a column that says nothing', () => {
    const [short] = history.rows
    expect(terminal([table(columns, short ? [short] : [])], { colour: false, width: 80 })).toBe(`\
┌─────────┬────────────┬──────┐
│ state   │ migration  │ time │
├─────────┼────────────┼──────┤
│ applied │ 0000_users │ 12ms │
└─────────┴────────────┴──────┘
`)
  })

  it('is folded to 80 columns', () => {
    expect(terminal([history], { colour: false, width: 80 })).toBe(`\
┌─────────┬─────────────────────────────┬────────┬───────────────────────────┐
│ state   │ migration                   │ time   │ note                      │
├─────────┼─────────────────────────────┼────────┼───────────────────────────┤
│ applied │ 0000_users                  │ 12ms   │                           │
│ late    │ 0001_a_rather_long_name_of_ │ 1m 30s │ drizzle-kit migrate would │
│         │ a_migration                 │        │ skip it                   │
└─────────┴─────────────────────────────┴────────┴───────────────────────────┘
`)
  })

  it('is folded to 40 columns', () => {
    expect(terminal([history], { colour: false, width: 40 })).toBe(`\
┌─────────┬─────────┬────────┬─────────┐
│ state   │ migrati │ time   │ note    │
│         │ on      │        │         │
├─────────┼─────────┼────────┼─────────┤
│ applied │ 0000_us │ 12ms   │         │
│         │ ers     │        │         │
│ late    │ 0001_a_ │ 1m 30s │ drizzle │
│         │ rather_ │        │ -kit    │
│         │ long_na │        │ migrate │
│         │ me_of_a │        │ would   │
│         │ _migrat │        │ skip it │
│         │ ion     │        │         │
└─────────┴─────────┴────────┴─────────┘
`)
  })

  it('is drawn whole where the width is not known', () => {
    expect(terminal([history], { colour: false, width: undefined })).toContain(
      '│ 0001_a_rather_long_name_of_a_migration │ 1m 30s │ drizzle-kit migrate would skip it │',
    )
  })

  it('is left out where it has no rows', () => {
    expect(terminal([table(columns, []), line('nothing')], { colour: false, width: 80 })).toBe('nothing\n')
  })

  it.each([80, 40, 30, undefined])('aligns wide characters in %s columns', width => {
    const rows = terminal([wide], { colour: false, width }).trimEnd().split('\n')
    expect(new Set(rows.map(text => stringWidth(text))).size).toBe(1)
    const letters = rows.join('').replaceAll(/[^\p{Letter}😀]/gu, '')
    for (const text of ['x😀y', '状態']) expect(letters).toContain(text)
  })

  it('loses no character, however narrow', () => {
    const name = '名前が長い移行ファイルの名前です👩‍👩‍👧長い'
    const drawn = terminal([table([{ key: 'name', title: 'name' }], [{ cells: { name } }])], {
      colour: false,
      width: 1,
    })
    const lines = drawn.split('\n').slice(3, -2)
    expect(lines.map(text => text.slice(2, -2).trimEnd()).join('')).toBe(name)
  })
})

describe('colours', () => {
  it.each<[Tone | undefined, string]>([
    ['good', '\u001b[32mtext\u001b[39m'],
    ['warn', '\u001b[33mtext\u001b[39m'],
    ['bad', '\u001b[31mtext\u001b[39m'],
    ['dim', '\u001b[2mtext\u001b[22m'],
    ['strong', '\u001b[1mtext\u001b[22m'],
    [undefined, 'text'],
  ])('of %s', (tone, painted) => {
    expect(terminal([line('text', tone)], { colour: true, width: 80 })).toBe(`${painted}\n`)
    expect(terminal([line('text', tone)], { colour: false, width: 80 })).toBe('text\n')
  })

  it.each([80, 40, undefined])('change nothing else of a table in %s columns', width => {
    const coloured = terminal([history, wide], { colour: true, width })
    expect(coloured).toContain('\u001b[1mstate\u001b[22m')
    expect(coloured).toContain('\u001b[31mlate\u001b[39m')
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(terminal([history, wide], { colour: false, width }))
  })

  it('begin and end in each line of a folded cell', () => {
    const rows = [{ cells: { name: 'one two three' }, tone: 'bad' }] as const
    const drawn = terminal([table([{ key: 'name', title: 'name' }], rows)], { colour: true, width: 10 })
    expect(drawn.match(/\u001b\[31m.*?\u001b\[39m/g)).toEqual(
      ['one', 'two', 'three'].map(word => `\u001b[31m${word}\u001b[39m`),
    )
  })
})

describe('a table in a pipe', () => {
  it('is neither folded nor cut', async () => {
    expect(await plain([history])).toBe(`\
state    migration                               time    note
applied  0000_users                              12ms
late     0001_a_rather_long_name_of_a_migration  1m 30s  drizzle-kit migrate would skip it
`)
  })

  it('aligns wide characters', async () => {
    expect(await plain([wide])).toBe(`\
state    migration       time  note
applied  名前が長い移行  1ms
状態     x😀y            20ms  größe e\u0301
`)
  })
})
