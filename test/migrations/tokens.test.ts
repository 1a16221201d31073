import { describe, expect, it } from 'vitest'
import { tokens } from '../../src/migrations/tokens.ts'

/** Words as they are told apart; `.` stands for any other token but `;` and parentheses. */
const MARKS = { semicolon: ';', open: '(', close: ')', other: '.' }

describe('the tokens of', () => {
  it.each<[text: string, tokens: string]>([
    ['', ''],
    [' \t\r\n\f', ''],
    ['select 1;', 'SELECT . ;'],
    ['INSERT INTO "Users" (a) VALUES (1)', 'INSERT INTO . ( A ) VALUES ( . )'],
    ['größe 名前 _a1$b', 'GRÖSSE 名前 _A1$B'],
    ["a 'b; c''d' e", 'A E'],
    ["a E'b\\'; c' d", 'A D'],
    ["typee'b\\' c", 'TYPEE C'],
    ['a "b; ""c" d', 'A . D'],
    ['a $$b; c$$ d', 'A D'],
    ['a $x$b $$ c$x$ d', 'A D'],
    ['$1 $2a', '. . . . A'],
    ['a -- b; c\nd', 'A D'],
    ['a -- b; c\rd', 'A D'],
    ['a /* b /* c */ d */ e', 'A E'],
    ['a - b / c', 'A . B . C'],
  ])('%s', (text, expected) => {
    const found = [...tokens(text)].map(({ kind, word }) => (kind === 'word' ? word : MARKS[kind]))
    expect(found.join(' ')).toBe(expected)
  })

  it('each end where the next can begin', () => {
    const text = 'SELECT "a b", \'c\' ;'
    const ends = [...tokens(text)].map(({ end }) => text.slice(0, end))
    expect(ends).toEqual(['SELECT', 'SELECT "a b"', 'SELECT "a b",', text])
  })
})
