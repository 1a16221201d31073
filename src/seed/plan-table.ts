import type { SeedColumn } from '../catalog/seed-columns.ts'
import { OpsError } from '../errors.ts'
import type { Reference, Table } from '../graph/graph.ts'
import { type Cell, numeric, sometimesNull, textual } from './cell.ts'
import { cellOf, followers, following, type Setting } from './column-cell.ts'
import type { Limits, Rules } from './limits.ts'
import type { SeedTable } from './model.ts'
import { type ExistingRows, type Parents, parentsOf, type TablePlan } from './plan.ts'
import { sourceOf } from './random.ts'
import { combine, uniquenessOf } from './unique.ts'

/** What the plan of a table is made from. */
export interface TableOrder {
  readonly table: SeedTable
  readonly rules: Rules
  /** Rows that are wanted. */
  readonly wanted: number
  readonly first: number
  readonly base: ReadonlyMap<string, number>
  readonly existing: ExistingRows
  /** Values that the config gives, by column. */
  readonly overrides: ReadonlyMap<string, Cell>
}

/**
 * Decides how every column of a table gets its values. `parents` finds the rows of another table, which may be planned
 * later than this one. Throws OpsError `seed-type` or `seed-parents`, exit 1.
 */
export function planTable(
  setting: Setting,
  { table, rules, wanted, first, base, existing, overrides }: TableOrder,
  parents: (table: Table) => Parents,
): TablePlan {
  const title = table.table.title
  const uniqueness = uniquenessOf(table, rules.limits)
  const notes = [
    ...uniqueness.open.map(
      name => `${name} is unique over a part of a foreign key, for which nothing is promised`,
    ),
    ...rules.unread.map(sql => `CHECK (${sql}) could not be read; the server will tell`),
  ]
  const chosen = new Map<Reference, (row: number) => number>()
  const fixed = new Map<string, (row: number) => number>()
  let rows = wanted
  for (const { references, columns } of uniqueness.combinations) {
    const sizes = [
      ...references.map(({ to }) => parents(to).count),
      ...columns.map(column => valuesOf(column, rules.limits).length),
    ]
    const { most, choose } = combine(
      sizes,
      sourceOf(setting.seed, title, 'combination', ...columns.map(({ name }) => name)),
    )
    for (const [part, reference] of references.entries()) chosen.set(reference, choose(part))
    for (const [part, column] of columns.entries()) fixed.set(column.name, choose(references.length + part))
    if (first + rows > most) {
      notes.push(`there are ${most} combinations, so not more rows`)
      rows = Math.max(0, most - first)
    }
  }
  const cells = new Map<string, Cell>()
  for (const column of table.columns) {
    const { name } = column
    const limits = rules.limits.get(name) ?? {}
    const override = overrides.get(name)
    const cell =
      override ??
      constantOf(column, uniqueness.distinct.has(name)) ??
      numberedOf(column, uniqueness.numbered, base, first) ??
      fewOf(column, limits, fixed.get(name)) ??
      cellOf(setting, title, column, limits, uniqueness.distinct.has(name))
    if (cell) cells.set(name, cell)
    else if (column.notNull && column.preset === null && !isForeign(table, name))
      throw unknownType(title, column)
  }
  addFollowers(setting, table, rules, cells)
  const own: Parents = parentsOf({ existing, first, rows, cells })
  addReferences(setting, table, first, chosen, cells, of => (of === table.table ? own : parents(of)))
  return { table, first, rows, base, existing, cells, notes }
}

function isForeign({ references }: SeedTable, name: string): boolean {
  return references.some(({ columns }) => columns.includes(name))
}

const CONSTANT = /^'((?:[^']|'')*)'::/
const FREE = ['text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb']

/** What the application starts with is a value that it knows: `'idle'`, `'[]'`. */
function constantOf({ type, preset, array, kind }: SeedColumn, distinct: boolean): Cell | undefined {
  const [, text] = CONSTANT.exec(preset ?? '') ?? []
  if (distinct || array || text === undefined || kind !== 'b' || !FREE.includes(type)) return undefined
  const value = text.replaceAll("''", "'")
  return textual(() => value)
}

function numberedOf(
  { name }: SeedColumn,
  numbered: ReadonlySet<string>,
  base: ReadonlyMap<string, number>,
  first: number,
): Cell | undefined {
  const start = base.get(name) ?? 0
  return numbered.has(name) ? numeric(row => start + row - first + 1, String) : undefined
}

function valuesOf(column: SeedColumn, limits: ReadonlyMap<string, Limits>): readonly string[] {
  const allowed = limits.get(column.name)?.allowed
  return allowed ?? (column.type === 'bool' ? ['f', 't'] : column.labels)
}

function fewOf(
  column: SeedColumn,
  limits: Limits,
  choose: ((row: number) => number) | undefined,
): Cell | undefined {
  if (!choose) return undefined
  const values = valuesOf(column, new Map([[column.name, limits]]))
  return textual(row => values[choose(row)] ?? '')
}

function addFollowers(
  { seed, now }: Setting,
  { table, columns }: SeedTable,
  { below }: Rules,
  cells: Map<string, Cell>,
): void {
  const pairs = [
    ...[...followers(columns)].map(([upper, lower]) => ({ upper, lower, until: now as number | undefined })),
    ...below.map(({ lower, upper }) => ({ upper, lower, until: undefined })),
  ]
  for (const { upper, lower, until } of pairs) {
    const cell = cells.get(upper)
    const start = cells.get(lower)
    if (cell && start)
      cells.set(upper, following(cell, start, sourceOf(seed, table.title, upper, 'after'), until))
  }
}

/** Of the foreign keys, those of most columns come first, and a column is given by the first that has it. */
function addReferences(
  { seed }: Setting,
  { table, references, columns }: SeedTable,
  first: number,
  chosen: ReadonlyMap<Reference, (row: number) => number>,
  cells: Map<string, Cell>,
  parents: (table: Table) => Parents,
): void {
  const given = new Set<string>()
  for (const reference of references) {
    if (reference.columns.some(name => given.has(name))) continue
    const source = sourceOf(seed, table.title, 'reference', ...reference.columns)
    const found = parents(reference.to)
    const self = reference.to === table
    // a row of a tree hangs from one that was written before it
    const before = (row: number) => Math.max(1, found.existing + row - first)
    const choose =
      chosen.get(reference) ??
      (self
        ? (row: number) => source.below(row, before(row))
        : (row: number) => favoured(source.share(row), found.count))
    const isRoot = (row: number) => self && found.existing + row - first === 0
    for (const [position, name] of reference.columns.entries()) {
      given.add(name)
      const referenced = reference.referenced[position] ?? ''
      const cell: Cell = { text: row => found.text(choose(row), referenced) }
      const optional = columns.find(each => each.name === name)?.notNull === false
      const isNull = (row: number) =>
        found.count === 0 || isRoot(row) || (!chosen.has(reference) && source.share(row, 3) < UNTIED)
      cells.set(name, optional ? sometimesNull(cell, isNull) : cell)
    }
    if (found.count === 0 && reference.required) throw noParents(reference)
  }
}

/** Of rows that may point to nothing. */
const UNTIED = 0.15

/** A few parents have many children, many have few: the share is drawn towards the first. */
function favoured(share: number, count: number): number {
  return Math.min(count - 1, Math.floor(share ** 2 * count))
}

function unknownType(table: string, { name, type }: SeedColumn): OpsError {
  return new OpsError({
    code: 'seed-type',
    message: `${table}.${name} is ${type}, of which no values are known, and takes neither NULL nor a default.`,
    hint: `Give it values in the config: seed: { columns: { '${table}.${name}': row => … } }, or leave the table out with --exclude.`,
  })
}

function noParents({ from, columns, to }: Reference): OpsError {
  return new OpsError({
    code: 'seed-parents',
    message: `${from.title} needs rows of ${to.title} to point to by ${columns.join(', ')}, and there are none.`,
    hint: `Seed ${to.title} as well, or leave ${from.title} out: --exclude ${from.name}.`,
  })
}
