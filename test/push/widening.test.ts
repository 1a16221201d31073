import { expect, it } from 'vitest'
import { holdsAll } from '../../src/push/widening.ts'

it.each([
  ['smallint', 'integer'],
  ['integer', 'bigint'],
  ['integer', 'numeric'],
  ['integer', 'double precision'],
  ['real', 'double precision'],
  ['character varying(20)', 'character varying(50)'],
  ['character varying(20)', 'text'],
  ['integer', 'text'],
  ['integer[]', 'text'],
  ['public.mood', 'text'],
  ['numeric(10,2)', 'numeric(12,3)'],
  ['numeric(10,2)', 'numeric'],
  ['timestamp(3) without time zone', 'timestamp without time zone'],
  ['timestamp without time zone', 'timestamp(6) without time zone'],
  ['date', 'timestamp without time zone'],
  ['text[]', 'text[]'],
])('%s fits into %s', (from, to) => {
  expect(holdsAll(from, to)).toBe(true)
})

it.each([
  ['bigint', 'integer'],
  ['bigint', 'double precision'],
  ['integer', 'real'],
  ['double precision', 'integer'],
  ['numeric', 'numeric(10,2)'],
  ['numeric(10,2)', 'numeric(10,4)'],
  ['text', 'character varying(20)'],
  ['character varying(20)', 'character varying(19)'],
  ['character(5)', 'text'],
  ['timestamp without time zone', 'timestamp with time zone'],
  ['timestamp without time zone', 'timestamp(3) without time zone'],
  ['timestamp without time zone', 'date'],
  ['date', 'timestamp with time zone'],
  ['json', 'jsonb'],
  ['text', 'integer'],
  ['text', 'text[]'],
  ['text', 'public.mood'],
  ['integer', 'character varying(3)'],
])('%s does not all fit into %s', (from, to) => {
  expect(holdsAll(from, to)).toBe(false)
})
