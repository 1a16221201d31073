import { expect, it } from 'vitest'
import { table } from '../../src/output/blocks.ts'
import { csv } from '../../src/output/csv.ts'
import { plain } from '../../src/output/plain.ts'
import { terminal } from '../../src/output/terminal.ts'
import { bar, bytes, sparkline, words } from '../../src/output/words.ts'

const block = table(
  [
    { key: 'name', title: 'name' },
    { key: 'bytes', title: 'size', unit: 'bytes', bar: true },
    { key: 'ratio', title: 'share', unit: 'ratio', bar: true },
    { key: 'note', title: 'a note that takes room', minor: true },
  ],
  [
    { cells: { name: 'a', bytes: 4096, ratio: 0.5, note: 'first' } },
    { cells: { name: 'b', bytes: 1024, ratio: null, note: 'second' } },
    { cells: { name: 'c', bytes: 0, ratio: 1, note: 'third' } },
  ],
)

it('draws bars: of a ratio its share, else of the largest', () => {
  expect(terminal([block], { colour: false, width: 100 })).toBe(
    [
      '┌──────┬────────────────────┬───────────────────┬────────────────────────┐',
      '│ name │ size               │ share             │ a note that takes room │',
      '├──────┼────────────────────┼───────────────────┼────────────────────────┤',
      '│ a    │ 4.0 KiB ██████████ │  50.0% █████      │ first                  │',
      '│ b    │ 1.0 KiB ██▌        │                   │ second                 │',
      '│ c    │     0 B            │ 100.0% ██████████ │ third                  │',
      '└──────┴────────────────────┴───────────────────┴────────────────────────┘',
      '',
    ].join('\n'),
  )
})

it('leaves out minor columns where there is no room, and then the bars', () => {
  expect(terminal([block], { colour: false, width: 60 }).split('\n')[1]).toBe(
    '│ name │ size               │ share             │',
  )
  expect(terminal([block], { colour: false, width: 40 }).split('\n').slice(1, 4)).toEqual([
    '│ name │ size    │ share  │',
    '├──────┼─────────┼────────┤',
    '│ a    │ 4.0 KiB │ 50.0%  │',
  ])
})

it('has everything and no bars in a pipe and in CSV', async () => {
  expect(await plain([block])).toBe(
    'name  size     share   a note that takes room\na     4.0 KiB  50.0%   first\nb     1.0 KiB          second\nc     0 B      100.0%  third\n',
  )
  expect(csv(block)).toBe('name,bytes,ratio,note\r\na,4096,0.5,first\r\nb,1024,,second\r\nc,0,1,third\r\n')
})

it('gives a row its own unit', async () => {
  const mixed = table(
    [{ key: 'value', title: 'value' }],
    [
      { cells: { value: 2048 }, unit: 'bytes' },
      { cells: { value: 1500 }, unit: 'milliseconds' },
      { cells: { value: 1 / 3 } },
    ],
  )
  expect(await plain([mixed])).toBe('value\n2.0 KiB\n1.5s\n0.3333\n')
})

it('draws eighths', () => {
  expect([0, 1 / 80, 0.5, 1, 2].map(share => bar(share, 10))).toEqual([
    '          ',
    '▏         ',
    '█████     ',
    '██████████',
    '██████████',
  ])
})

it('draws sparklines', () => {
  expect([[], [0, 0], [0, 4, 8], [3, -1]].map(sparkline)).toEqual(['', '▁▁', '▁▅█', '█▁'])
  expect(words([0, 8])).toBe('▁█')
})

it('writes what became less', () => {
  expect([-2048, 270.4].map(bytes)).toEqual(['-2.0 KiB', '270 B'])
})

it('shows the beginning of statements, on a terminal only', async () => {
  const query = `SELECT 1,\n    ${'x'.repeat(200)}`
  const long = table([{ key: 'query', title: 'query', clipped: true }], [{ cells: { query } }])
  expect(terminal([long], { colour: false, width: 200 })).toContain(`│ SELECT 1, ${'x'.repeat(109)}… │`)
  expect(await plain([long])).toBe(`query\nSELECT 1,\\n    ${'x'.repeat(200)}\n`)
})
