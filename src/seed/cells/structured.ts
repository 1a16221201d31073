import { type Cell, textual } from './cell.ts'
import type { Dictionaries } from './dictionaries.ts'
import type { Making } from './making.ts'

/** One row's words: `at` tells several of one row apart. */
type Maker = (word: (at: number) => string, row: number, making: Making) => string

/** By pg_type.typname: what holds words, and what extensions bring. */
const MAKERS: Readonly<Record<string, Maker>> = {
  json: document,
  jsonb: document,
  jsonpath: (word, row) => `$."${word(0)}"[${row}]`,
  xml: word => `<note>${word(0)} ${word(1)}</note>`,
  tsvector: (word, row) => `'${word(0)}':1 '${word(1)}':2 'n${row}':3`,
  tsquery: (word, row) => `'${word(0)}' & 'n${row}'`,
  hstore: (word, row) => `"${word(0)}"=>"${word(1)}", "row"=>"${row}"`,
  ltree: (word, row) => `${word(0)}.${word(1)}.n${row}`,
  lquery: word => `${word(0)}.*`,
  cube: (_, row, { source }) => `(${row}, ${source.below(row, 100)})`,
  vector: embedding,
  halfvec: embedding,
  geometry: (_, row, { source }) =>
    `SRID=4326;POINT(${source.below(row, 36_000, 1) / 100 - 180} ${source.below(row, 12_000, 2) / 100 - 60})`,
  char: (_, row, { source, distinct }) =>
    LETTERS[(distinct ? row : source.bits(row)) % LETTERS.length] ?? 'a',
  xid: (_, row) => String(row + 3),
  xid8: (_, row) => String(row + 3),
  cid: (_, row) => String(row),
  tid: (_, row) => `(${row},1)`,
  pg_snapshot: (_, row) => `${row + 10}:${row + 20}:${row + 12}`,
  txid_snapshot: (_, row) => `${row + 10}:${row + 20}:${row + 12}`,
  regclass: () => 'pg_catalog.pg_class',
  regtype: () => 'integer',
  regnamespace: () => 'pg_catalog',
  regproc: () => 'pg_catalog.now',
  regprocedure: () => 'pg_catalog.now()',
  regoper: () => 'pg_catalog.||/',
  regoperator: () => 'pg_catalog.+(integer,integer)',
  regrole: () => '-',
  regcollation: () => 'pg_catalog."C"',
  regconfig: () => 'pg_catalog.simple',
  regdictionary: () => 'pg_catalog.simple',
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const NO_LETTER = /[^a-z]/g

/** Undefined for a type of which nothing is known. */
export function structured(type: string, making: Making, { nouns }: Dictionaries): Cell | undefined {
  const make = MAKERS[type]
  if (!make) return undefined
  const { source, distinct } = making
  const cell = textual(row => {
    const word = (at: number) =>
      (nouns[source.below(row, nouns.length, at)] ?? 'word').toLowerCase().replace(NO_LETTER, '')
    return make(word, row, making)
  })
  return distinct && type === 'char' ? { ...cell, most: LETTERS.length } : cell
}

function document(word: (at: number) => string, row: number, { source, distinct }: Making): string {
  return `{"${word(0)}": "${word(1)}", "count": ${distinct ? row : source.below(row, 100, 2)}}`
}

function embedding(_: (at: number) => string, row: number, { source, length }: Making): string {
  return `[${Array.from({ length: length ?? 3 }, (_each, at) => source.below(row, 2000, at) / 1000 - 1).join(',')}]`
}
