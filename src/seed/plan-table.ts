import type { SeedColumn } from '../catalog/seed-columns.ts'
import { OpsError } from '../errors.ts'
import type { Reference, Table } from '../graph/graph.ts'
import type { Cell } from './cells/cell.ts'
import type { Setting } from './cells/column-cell.ts'
import { chooseRows } from './combine.ts'
import { fewOf, freeCell } from './free-cell.ts'
import type { SeedTable } from './model.ts'
import { type ExistingRows, ownRows, type Parents, type RowNumbers, type TablePlan } from './plan.ts'
import { addReferences } from './references.ts'
import type { TableRules } from './rules.ts'
import { addFollowers, addParentsTime, addPeriods } from './time-order.ts'
import { uniquenessOf } from './unique.ts'

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
  const chains = new Set<Reference>()
  const capacities: number[] = []
  for (const combination of uniqueness.combinations)
    capacities.push(chooseRows(setting.seed, order, combination, parents, { chosen, few, chains }))
  const cells = new Map<string, Cell>()
  for (const column of table.columns) {
    const cell =
      overrides.get(column.name) ??
      fewOf(column, rules.limits, few.get(column.name)) ??
      freeCell(setting, order, uniqueness, column)
    if (cell) cells.set(column.name, cell)
    else if (column.notNull && column.preset === null && !isForeign(table, column.name))
      throw unknownType(title, column)
    const counted = uniqueness.distinct.has(column.name) || uniqueness.numbered.has(column.name)
    if (cell?.most !== undefined && counted) capacities.push(cell.most)
  }
  addPeriods(setting, table, cells)
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
  const created = addReferences(
    {
      seed: setting.seed,
      table,
      numbers,
      chosen,
      chains,
      given,
      parents: of => (of === table.table ? own : parents(of)),
      references: order.references,
    },
    cells,
  )
  addParentsTime(setting, table, rules, uniqueness.distinct, created, cells)
  addFollowers(setting, table, rules, uniqueness.distinct, cells)
  return { ...plan, notes: [] }
}

function isForeign({ references }: SeedTable, name: string): boolean {
  return references.some(({ columns }) => columns.includes(name))
}

function unknownType(table: string, { name, type }: SeedColumn): OpsError {
  return new OpsError({
    code: 'seed-type',
    message: `${table}.${name} is ${type}, of which no values are known, and takes neither NULL nor a default.`,
    hint: `Give it values in the config: seed: { columns: { '${table}.${name}': row => … } }, or leave the table out with --exclude.`,
  })
}
