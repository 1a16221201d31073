import type { SeedColumn } from '../catalog/seed-columns.ts'
import { OpsError } from '../errors.ts'
import type { Reference, Table } from '../graph/graph.ts'
import { type Cell, numeric, textual } from './cell.ts'
import { cellOf, followers, following, type Setting } from './column-cell.ts'
import { jointOf } from './groups.ts'
import { bothOf, type Limits } from './limits.ts'
import type { SeedTable } from './model.ts'
import { type ExistingRows, ownRows, type Parents, type RowNumbers, type TablePlan } from './plan.ts'
import { sourceOf } from './random.ts'
import { addReferences } from './references.ts'
import type { TableRules } from './rules.ts'
import { stepped } from './scalars.ts'
import { type Combination, combine, type Uniqueness, uniquenessOf, valuesOf } from './unique.ts'

/** What the plan of a table is made from. */
export interface TableOrder {
  readonly table: SeedTable
  readonly rules: TableRules
  /** Rows that are wanted. */
  readonly wanted: number
  readonly first: number
  /** The largest value of a numbering column before the run. */
  readonly base: ReadonlyMap<string, number>
  readonly existing: ExistingRows
  /** Values that the config gives, by column. */
  readonly overrides: ReadonlyMap<string, Cell>
  /** Of columns whose usual values did not meet a CHECK, how often. */
  readonly attempts: ReadonlyMap<string, number>
  /** Columns that foreign keys point to. */
  readonly referenced: ReadonlySet<string>
  /** All foreign keys of the database. */
  readonly references: readonly Reference[]
  readonly fields: (column: SeedColumn) => readonly SeedColumn[]
}

/**
 * Decides how every column of a table gets its values. `parents` finds the rows of another table, which may be planned
 * later than this one. Throws OpsError `seed-type` or `seed-parents`, exit 1.
 */
export function planTable(
  setting: Setting,
  order: TableOrder,
  parents: (table: Table) => Parents,
): TablePlan {
  const { table, rules, first, existing, overrides, wanted } = order
  const title = table.table.title
  const numbers: RowNumbers = { first }
  const given = new Set(overrides.keys())
  const uniqueness = uniquenessOf(table, rules.limits, given)
  const chosen = new Map<Reference, (row: number) => number>()
  const few = new Map<string, (row: number) => number>()
  const capacities: number[] = []
  for (const combination of uniqueness.combinations)
    capacities.push(choose(setting.seed, order, combination, parents, { chosen, few }))
  const cells = new Map<string, Cell>()
  for (const column of table.columns) {
    const cell =
      overrides.get(column.name) ??
      fewOf(column, rules.limits, few.get(column.name)) ??
      columnCell(setting, order, uniqueness, column)
    if (cell) cells.set(column.name, cell)
    else if (column.notNull && column.preset === null && !isForeign(table, column.name))
      throw unknownType(title, column)
    const counted = uniqueness.distinct.has(column.name) || uniqueness.numbered.has(column.name)
    if (cell?.most !== undefined && counted) capacities.push(cell.most)
  }
  addPeriods(setting, table, cells)
  addFollowers(setting, table, rules, uniqueness.distinct, cells)
  const most = Math.min(...capacities)
  const rows = Math.max(0, Math.min(wanted, most))
  const plan = {
    table,
    numbers,
    rows,
    existing,
    cells,
    open: uniqueness.open,
    most,
    numbered: uniqueness.numbered,
  }
  const own = ownRows(plan)
  addReferences(
    {
      seed: setting.seed,
      table,
      first,
      chosen,
      given,
      parents: of => (of === table.table ? own : parents(of)),
      references: order.references,
    },
    cells,
  )
  return { ...plan, notes: [] }
}

function isForeign({ references }: SeedTable, name: string): boolean {
  return references.some(({ columns }) => columns.includes(name))
}

/** Decides which rows and values each row combines. Returns for how many rows that lasts. */
function choose(
  seed: string,
  { table, rules, existing, wanted, first }: TableOrder,
  { references, columns }: Combination,
  parents: (table: Table) => Parents,
  into: {
    readonly chosen: Map<Reference, (row: number) => number>
    readonly few: Map<string, (row: number) => number>
  },
): number {
  const [only, ...others] = [...references, ...columns]
  if (only && 'to' in only && only.to === table.table && others.length === 0) {
    // a chain: each row has the one before it, or where it has to have one, itself
    const back = only.required ? 0 : 1
    into.chosen.set(only, row => existing.count + row - first - back)
    return Number.POSITIVE_INFINITY
  }
  const own = { count: existing.count + wanted, existing: existing.count, text: () => null }
  const rowsOf = ({ to }: Reference) => (to === table.table ? own : parents(to))
  const clusters = clustersOf(references).map(cluster => ({ cluster, joint: jointOf(cluster, rowsOf) }))
  const sizes = [
    ...clusters.map(({ joint }) => joint?.count ?? 0),
    ...columns.map(column => valuesOf(column, rules.limits).length),
  ]
  const names = [...references.flatMap(reference => reference.columns), ...columns.map(({ name }) => name)]
  const combined = combine(sizes, sourceOf(seed, table.table.title, 'combination', ...names))
  for (const [part, { cluster, joint }] of clusters.entries()) {
    const way = combined.choose(part)
    for (const [place, reference] of cluster.entries())
      into.chosen.set(reference, row => joint?.split(way(row))[place] ?? 0)
  }
  for (const [part, { name }] of columns.entries())
    into.few.set(name, combined.choose(clusters.length + part))
  return combined.most
}

/** Foreign keys that share columns belong together, the one of most columns first. */
function clustersOf(references: readonly Reference[]): Reference[][] {
  const clusters: Reference[][] = []
  for (const reference of references) {
    const cluster = clusters.find(known =>
      known.some(({ columns }) => columns.some(name => reference.columns.includes(name))),
    )
    if (cluster) cluster.push(reference)
    else clusters.push([reference])
  }
  return clusters
}

function fewOf(
  column: SeedColumn,
  limits: ReadonlyMap<string, Limits>,
  pick: ((row: number) => number) | undefined,
): Cell | undefined {
  if (!pick) return undefined
  const values = valuesOf(column, limits)
  return textual(row => values[pick(row)] ?? '')
}

const CONSTANT = /^'((?:[^']|'')*)'::/
const FREE = ['text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb']
const NUMBER_MOST: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 }

function columnCell(
  setting: Setting,
  { table, rules, base, first, attempts, referenced, fields }: TableOrder,
  { distinct, numbered }: Uniqueness,
  column: SeedColumn,
): Cell | undefined {
  const { name } = column
  const start = base.get(name) ?? 0
  if (numbered.has(name))
    return {
      ...numeric(row => start + row - first + 1, String),
      most: mostOf(column) - start,
    }
  const limits = rules.limits.get(name) ?? {}
  const attempt = attempts.get(name) ?? 0
  const isDistinct = distinct.has(name)
  const constant = constantOf(column)
  if (constant !== undefined && !isDistinct && !limits.allowed && attempt === 0)
    return textual(() => constant)
  const order = { distinct: isDistinct, whole: referenced.has(name), attempt, fields }
  const { routes } = rules
  if (routes.length === 0 || !routes.some(route => route.has(name)))
    return cellOf(setting, table.table.title, column, { ...order, limits })
  // each row goes into one partition, whose bounds its columns keep to
  const cells = routes.map(route =>
    cellOf(setting, table.table.title, column, {
      ...order,
      limits: bothOf(limits, route.get(name) ?? {}),
      whole: true,
    }),
  )
  const cell = (row: number) => cells[row % cells.length]
  const [one] = cells
  if (!one) return undefined
  const inner = (row: number) => (isDistinct ? Math.floor(row / cells.length) : row)
  return {
    ...one,
    text: row => cell(row)?.text(inner(row)) ?? null,
    ...(one.number && { number: row => cell(row)?.number?.(inner(row)) ?? 0 }),
    ...(isDistinct && { most: Math.min(...cells.map(each => each?.most ?? 2 ** 51)) * cells.length }),
  }
}

function mostOf({ type, precision, scale }: SeedColumn): number {
  return precision === null ? (NUMBER_MOST[type] ?? 2 ** 51) : 10 ** (precision - (scale ?? 0)) - 1
}

/** What the application starts with is a value that it knows: `'idle'`, `'[]'`. */
function constantOf({ type, preset, array, kind }: SeedColumn): string | undefined {
  const [, text] = CONSTANT.exec(preset ?? '') ?? []
  return array || kind !== 'b' || !FREE.includes(type) ? undefined : text?.replaceAll("''", "'")
}

/** Two columns of which an exclusion constraint makes a period: those of no two rows may overlap. */
function addPeriods(
  { seed, now }: Setting,
  { table, columns, exclusions }: SeedTable,
  cells: Map<string, Cell>,
) {
  for (const { parts, columns: names } of exclusions) {
    const period = parts.find(({ sql }) => sql.includes('range('))
    if (!period) continue
    const ends = columns
      .filter(({ name }) => names.includes(name) && period.sql.includes(name))
      .toSorted((one, other) => period.sql.indexOf(one.name) - period.sql.indexOf(other.name))
    for (const [end, { name, type, length, precision, scale }] of ends.slice(0, 2).entries()) {
      const source = sourceOf(seed, table.title, name)
      const making = { source, limits: {}, distinct: false, length, precision, scale, now }
      cells.set(name, stepped(type, making, end === 0 ? 0 : 1))
    }
  }
}

function addFollowers(
  { seed, now }: Setting,
  { table, columns, exclusions }: SeedTable,
  { below }: TableRules,
  distinct: ReadonlySet<string>,
  cells: Map<string, Cell>,
): void {
  const periods = exclusions.flatMap(exclusion => exclusion.columns)
  const pairs = [
    ...[...followers(columns)].map(([upper, lower]) => ({ upper, lower, until: now as number | undefined })),
    ...below.map(({ lower, upper }) => ({ upper, lower, until: undefined })),
  ]
  for (const { upper, lower, until } of pairs.filter(({ upper }) => !periods.includes(upper))) {
    const cell = cells.get(upper)
    const start = cells.get(lower)
    if (cell && start && !distinct.has(upper))
      cells.set(upper, following(cell, start, sourceOf(seed, table.title, upper, 'after'), until))
  }
}

function unknownType(table: string, { name, type }: SeedColumn): OpsError {
  return new OpsError({
    code: 'seed-type',
    message: `${table}.${name} is ${type}, of which no values are known, and takes neither NULL nor a default.`,
    hint: `Give it values in the config: seed: { columns: { '${table}.${name}': row => … } }, or leave the table out with --exclude.`,
  })
}
