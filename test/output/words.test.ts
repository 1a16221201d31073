import { describe, expect, it } from 'vitest'
import type { Cell, Unit } from '../../src/output/blocks.ts'
import { bytes, milliseconds, visible, words } from '../../src/output/words.ts'

const KIB = 1024
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [KIB ** 2 - 1, '1.0 MiB'],
    [KIB ** 2 * 1023.9, '1023.9 MiB'],
    [KIB ** 3 * 2.25, '2.3 GiB'],
    [KIB ** 4, '1.0 TiB'],
    [KIB ** 5 * 5000, '5000.0 PiB'],
  ])('%d are %s', (count, text) => {
    expect(bytes(count)).toBe(text)
  })
})

describe('milliseconds', () => {
  it.each([
    [0, '0ms'],
    [0.04, '0ms'],
    [1.26, '1.3ms'],
    [12, '12ms'],
    [999.94, '999.9ms'],
    [999.96, '1s'],
    [1500, '1.5s'],
    [59_940, '59.9s'],
    [59_960, '1m 0s'],
    [90_000, '1m 30s'],
    [119_900, '2m 0s'],
    [HOUR - 1, '1h 0m'],
    [HOUR + 5 * MINUTE, '1h 5m'],
    [47 * HOUR, '47h 0m'],
    [48 * HOUR, '2d 0h'],
    [1000 * HOUR, '41d 16h'],
  ])('%d are %s', (total, text) => {
    expect(milliseconds(total)).toBe(text)
  })
})

describe('what could steer a terminal is shown', () => {
  it.each([
    ['a line break', 'a\nb', 'a\\nb'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['a carriage return', 'safe\rgone', 'safe\\u000dgone'],
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
    ['a C1 control', '\u009b31m', '\\u009b31m'],
    ['delete', 'a\u007f', 'a\\u007f'],
    ['a bidi override', 'user\u202egpj.exe', 'user\\u202egpj.exe'],
    ['bidi isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['bidi marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
    ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['a NUL', '\u0000', '\\u0000'],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown)
    expect(words(text)).toBe(shown)
  })

  it('and nothing else is touched', () => {
    const text = 'größe 名前 😀 👩‍👩‍👧 e\u0301 \u00a0 "quoted" \\n'
    expect(visible(text)).toBe(text)
  })
})

it.each<[Cell, Unit | undefined, string]>([
  [null, undefined, ''],
  [undefined, 'bytes', ''],
  [0, undefined, '0'],
  [1536, 'bytes', '1.5 KiB'],
  [1500, 'milliseconds', '1.5s'],
  [1536, undefined, '1536'],
  ['1536', 'bytes', '1536'],
  [true, undefined, 'true'],
])('a cell of %o with the unit %s reads %o', (cell, unit, text) => {
  expect(words(cell, unit)).toBe(text)
})
