import type { SeedColumn } from '../catalog/seed-columns.ts'
import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Reference } from '../graph/graph.ts'
import type { Limits } from './limits.ts'
import type { SeedTable } from './model.ts'
import { permutation, type Source } from './random.ts'

/** How the rows of a table are told apart. */
export interface Uniqueness {
  /** Columns in which every row has a value of its own. */
  readonly distinct: ReadonlySet<string>
  /** Columns that are numbered on from the largest there is. */
  readonly numbered: ReadonlySet<string>
  /** Sets of foreign keys and of columns with few values, of which each row takes another combination. */
  readonly combinations: readonly Combination[]
  /** Unique indexes that nothing is done for. */
  readonly open: readonly string[]
}

/** Each row another combination of these. */
export interface Combination {
  readonly references: readonly Reference[]
  readonly columns: readonly SeedColumn[]
}

const INTEGERS = ['int2', 'int4', 'int8', 'numeric']
/** In this order a column is chosen to tell rows apart by. */
const TELLING = [
  ['uuid'],
  ['text', 'varchar', 'bpchar', 'citext', 'name'],
  ['int4', 'int8', 'numeric', 'int2', 'oid'],
  ['timestamptz', 'timestamp', 'date', 'interval'],
  [
    'inet',
    'bytea',
    'macaddr',
    'macaddr8',
    'json',
    'jsonb',
    'ltree',
    'float8',
    'float4',
    'cidr',
    'varbit',
    'bit',
  ],
]

export function uniquenessOf(
  { table, columns, uniques, references }: SeedTable,
  limits: ReadonlyMap<string, Limits>,
): Uniqueness {
  const foreign = new Set(references.flatMap(reference => reference.columns))
  const numbered = new Set(
    columns
      .filter(
        ({ name, type, identity, sequence, array }) =>
          INTEGERS.includes(type) &&
          !array &&
          !foreign.has(name) &&
          (identity || sequence !== null || (table.primaryKey?.length === 1 && table.primaryKey[0] === name)),
      )
      .map(({ name }) => name),
  )
  const distinct = new Set<string>()
  const combinations: Combination[] = []
  const open: string[] = []
  for (const key of uniques) {
    const own = columns.filter(({ name }) => key.columns.includes(name))
    if (own.some(({ name }) => distinct.has(name) || numbered.has(name))) continue
    const telling = tellingColumn(own, foreign, limits)
    if (telling) distinct.add(telling.name)
    else combinations.push(...combinationOf(key, own, references, open))
  }
  return { distinct, numbered, combinations: withoutSupersets(combinations), open }
}

function tellingColumn(
  columns: readonly SeedColumn[],
  foreign: ReadonlySet<string>,
  limits: ReadonlyMap<string, Limits>,
): SeedColumn | undefined {
  const free = columns.filter(
    ({ name, kind, array }) =>
      !foreign.has(name) && kind === 'b' && !array && limits.get(name)?.allowed === undefined,
  )
  for (const types of TELLING) {
    const found = free.find(({ type }) => types.includes(type))
    if (found) return found
  }
  return undefined
}

function combinationOf(
  key: UniqueKeyRow,
  columns: readonly SeedColumn[],
  references: readonly Reference[],
  open: string[],
): Combination[] {
  const own = references.filter(reference => reference.columns.every(name => key.columns.includes(name)))
  const covered = new Set(own.flatMap(reference => reference.columns))
  const rest = columns.filter(({ name }) => !covered.has(name))
  // a foreign key that only overlaps the index has its columns given by another rule
  if (rest.some(({ name }) => references.some(reference => reference.columns.includes(name)))) {
    open.push(key.name)
    return []
  }
  return [{ references: own, columns: rest }]
}

/** What is told apart by fewer things is told apart by more as well. */
function withoutSupersets(all: readonly Combination[]): Combination[] {
  const parts = ({ references, columns }: Combination): readonly object[] => [...references, ...columns]
  return all.filter(
    (one, index) =>
      !all.some(
        (other, position) =>
          position !== index &&
          parts(other).every(part => parts(one).includes(part)) &&
          (parts(other).length < parts(one).length || position < index),
      ),
  )
}

/** For each part of a combination, which of its values the row takes; and how many rows there can be. */
export function combine(
  sizes: readonly number[],
  source: Source,
): { readonly most: number; choose(part: number): (row: number) => number } {
  const most = sizes.reduce((product, size) => product * size, 1)
  const place = permutation(source, Math.min(Math.max(most, 1), 2 ** 51))
  return {
    most,
    choose: part => {
      const stride = sizes.slice(0, part).reduce((product, size) => product * size, 1)
      const size = sizes[part] ?? 1
      return row => Math.floor(place(row % Math.max(most, 1)) / stride) % size
    },
  }
}
