import type { SeedColumn } from '../catalog/seed-columns.ts'
import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Reference } from '../graph/graph.ts'
import { allowedOf } from './cells/column-cell.ts'
import type { Limits } from './cells/limits.ts'
import type { SeedTable } from './model.ts'

/** How the rows of a table are told apart. */
export interface Uniqueness {
  /** Columns in which every row has a value of its own. */
  readonly distinct: ReadonlySet<string>
  /** Columns that are numbered on from the largest there is. */
  readonly numbered: ReadonlySet<string>
  /** Sets of foreign keys and of columns with few values, of which each row takes another combination. */
  readonly combinations: readonly Combination[]
  /** Unique indexes of which nothing of that makes sure. */
  readonly open: ReadonlySet<string>
}

/** Each row another combination of these. */
export interface Combination {
  readonly references: readonly Reference[]
  readonly columns: readonly SeedColumn[]
}

const INTEGERS = ['int2', 'int4', 'int8', 'numeric']

/** Whether numbers can tell the column's rows apart, from 1 or on from the largest there is. */
export function isCountable({ type, array }: SeedColumn, limits: Limits | undefined): boolean {
  return INTEGERS.includes(type) && !array && isUnbound(limits)
}

/** In this order a column is chosen to tell rows apart by; then come all other types, and arrays. */
const TELLING = [
  ['uuid'],
  ['text', 'varchar', 'bpchar', 'citext', 'name'],
  ['int4', 'int8', 'numeric', 'int2', 'oid'],
  ['timestamptz', 'timestamp', 'date', 'interval'],
]

export function uniquenessOf(
  { table, columns, uniques, references }: SeedTable,
  limits: ReadonlyMap<string, Limits>,
  given: ReadonlySet<string>,
): Uniqueness {
  const foreign = new Set(references.flatMap(reference => reference.columns))
  const free = columns.filter(({ name }) => !foreign.has(name) && !given.has(name))
  const countable = free.filter(({ type, array }) => INTEGERS.includes(type) && !array)
  const numbered = new Set(
    countable
      .filter(
        ({ name, identity, sequence }) =>
          identity ||
          sequence !== null ||
          (table.primaryKey?.length === 1 && table.primaryKey[0] === name && isUnbound(limits.get(name))),
      )
      .map(({ name }) => name),
  )
  const distinct = new Set<string>()
  const combinations: Combination[] = []
  const open = new Set<string>()
  for (const key of uniques) {
    const own = columns.filter(({ name }) => key.columns.includes(name))
    const known = own.find(({ name }) => (distinct.has(name) || numbered.has(name)) && isPlain(key, name))
    if (known) continue
    const telling = tellingColumn(
      free.filter(column => own.includes(column)),
      limits,
    )
    if (telling && countable.includes(telling) && isUnbound(limits.get(telling.name)))
      numbered.add(telling.name)
    else if (telling) distinct.add(telling.name)
    const combination =
      telling || key.predicate !== null || own.some(({ name }) => given.has(name))
        ? undefined
        : combinationOf(key, own, references, limits)
    if (combination && combinations.some(other => isPart(other, combination))) continue
    if (combination && !combinations.some(other => overlaps(other, combination)))
      combinations.push(combination)
    else if (!telling || !isPlain(key, telling.name)) open.add(key.name)
  }
  return { distinct, numbered, combinations, open }
}

/** What may stand round a column's name in an expression by which different values stay different. */
const WRAPPED = /pg_catalog\.|\b(lower|btrim)\b|::("char"|[a-z ]+)|[()"]/g

/** Whether rows that differ in the column differ to the index. */
function isPlain({ parts }: UniqueKeyRow, column: string): boolean {
  const bare = (text: string) => text.replaceAll(WRAPPED, '')
  return parts.some(({ sql }) => bare(sql) === bare(column))
}

function isUnbound(limits: Limits = {}): boolean {
  const { minimum = 0, above = 0, maximum, below, forbidden } = limits
  return maximum === undefined && below === undefined && !forbidden && minimum <= 1 && above < 1
}

function tellingColumn(
  columns: readonly SeedColumn[],
  limits: ReadonlyMap<string, Limits>,
): SeedColumn | undefined {
  const many = columns.filter(
    column =>
      column.type !== 'bool' &&
      (column.array || allowedOf(column, limits.get(column.name) ?? {}) === undefined),
  )
  const single = many.filter(({ array }) => !array)
  for (const types of TELLING) {
    const found = single.find(({ type }) => types.includes(type))
    if (found) return found
  }
  return single[0] ?? many[0]
}

/** Undefined where a part of a foreign key is among the columns. */
function combinationOf(
  key: UniqueKeyRow,
  columns: readonly SeedColumn[],
  references: readonly Reference[],
  limits: ReadonlyMap<string, Limits>,
): Combination | undefined {
  const within = references.filter(reference => reference.columns.every(name => key.columns.includes(name)))
  // of two that share all columns of one, the larger decides
  const own = within.filter(
    one =>
      !within.some(
        other =>
          other !== one &&
          one.columns.every(name => other.columns.includes(name)) &&
          (one.columns.length < other.columns.length || within.indexOf(other) < within.indexOf(one)),
      ),
  )
  const covered = new Set(own.flatMap(reference => reference.columns))
  const rest = columns.filter(({ name }) => !covered.has(name))
  const isOpen = rest.some(
    column =>
      references.some(({ columns }) => columns.includes(column.name)) ||
      valuesOf(column, limits).length === 0,
  )
  const isMixed = own.some(isShared) && own.length + rest.length > 1
  return isOpen || isMixed || key.parts.length !== columns.length
    ? undefined
    : { references: own, columns: rest }
}

/** Whether it points within its own table by a column that both rows have in common, as trees of tenants do. */
export function isShared({ from, to, columns, referenced }: Reference): boolean {
  return from === to && columns.some((name, at) => referenced[at] === name)
}

/** The values that a column with few of them takes. */
export function valuesOf(column: SeedColumn, limits: ReadonlyMap<string, Limits>): readonly string[] {
  if (column.array) return []
  return allowedOf(column, limits.get(column.name) ?? {}) ?? (column.type === 'bool' ? ['f', 't'] : [])
}

function overlaps(one: Combination, other: Combination): boolean {
  return partsOf(one).some(part => partsOf(other).includes(part))
}

/** What is told apart by fewer things is told apart by more as well. */
function isPart(one: Combination, other: Combination): boolean {
  return partsOf(one).every(part => partsOf(other).includes(part))
}

function partsOf({ references, columns }: Combination): readonly object[] {
  return [...references, ...columns]
}
