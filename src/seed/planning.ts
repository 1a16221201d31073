import type { Oid } from '../catalog/relations.ts'
import type { Database } from '../database/database.ts'
import type { Table } from '../graph/graph.ts'
import type { Cell } from './cells/cell.ts'
import type { Setting } from './cells/column-cell.ts'
import type { Counts } from './counts.ts'
import type { SeedModel, SeedTable } from './model.ts'
import { numberAt, type Parents, type TablePlan, textIn } from './plan.ts'
import type { TableOrder } from './plan-table.ts'
import type { TableRules } from './rules.ts'
import { NOTHING, type Standing } from './standing.ts'
import { createdIn } from './time-order.ts'

export interface SeedRequest {
  readonly setting: Setting
  readonly counts: Counts
  /** The tables to write to. */
  readonly chosen: readonly SeedTable[]
  /** Whether what is there will be gone by then. */
  readonly emptied: (table: Table) => boolean
  /** Values that the config gives, by table and column. */
  readonly overrides: (table: Table) => ReadonlyMap<string, Cell>
}

/** What is known while the tables are planned one after another. */
export interface Planning {
  readonly database: Database
  readonly model: SeedModel
  readonly request: SeedRequest
  /** The tables that are written to. */
  readonly written: ReadonlySet<Oid>
  readonly rulesOf: (table: SeedTable) => TableRules
  readonly standing: ReadonlyMap<Oid, Standing>
  readonly wanted: Map<Oid, number>
  readonly plans: Map<Oid, TablePlan>
}

/** What a table's plan is made from; `given` are the cells of columns that nothing else decides. */
export function orderOf(
  { model, request, rulesOf, standing, wanted }: Planning,
  table: SeedTable,
  given: ReadonlyMap<string, Cell>,
): TableOrder {
  const { rows, base, existing } = standing.get(table.table.oid) ?? NOTHING
  const incoming = model.graph.references.filter(({ to }) => to === table.table)
  return {
    table,
    rules: rulesOf(table),
    wanted: wanted.get(table.table.oid) ?? 0,
    first: rows,
    base,
    existing,
    overrides: new Map([...given, ...request.overrides(table.table)]),
    attempts: new Map(),
    referenced: new Set(incoming.flatMap(({ referenced }) => referenced)),
    references: model.graph.references,
    fields: model.fields,
  }
}

/** How many rows a table is going to have; undefined where that is not known yet. */
export function rowsOf({ standing, wanted, plans, written }: Planning, oid: Oid): number | undefined {
  const there = standing.get(oid)?.existing.count ?? 0
  if (!written.has(oid)) return there
  const fresh = plans.get(oid)?.rows ?? wanted.get(oid)
  return fresh === undefined ? undefined : there + fresh
}

/**
 * The rows of a table, for those that point to it from `component`. Asked for each of them; in a circle the table's plan
 * may come later.
 */
export function parentsIn(planning: Planning, { oid }: Table, component: readonly SeedTable[]): Parents {
  const { existing } = planning.standing.get(oid) ?? NOTHING
  const created = component.some(({ table }) => table.oid === oid)
    ? undefined
    : createdOf(planning.plans.get(oid))
  return {
    get count() {
      return rowsOf(planning, oid) ?? 0
    },
    existing: existing.count,
    text: (index, column) => {
      const plan = planning.plans.get(oid)
      return plan ? textIn(plan, index, column) : (existing.values.get(column)?.[index] ?? null)
    },
    plan: () => planning.plans.get(oid)?.numbers.taken ?? planning.plans.get(oid)?.numbers,
    ...(created && { created }),
  }
}

/** When the n-th row of a planned table comes into being; undefined for those that are there already. */
function createdOf(plan: TablePlan | undefined): Parents['created'] | undefined {
  if (!plan) return undefined
  const column = createdIn(plan.table.columns)
  const cell = column && plan.cells.get(column.name)
  if (!cell?.number) return undefined
  const { existing, numbers } = plan
  return index => {
    const ms = index < existing.count ? undefined : cell.number?.(numberAt(numbers, index - existing.count))
    return Number.isNaN(ms) ? undefined : ms
  }
}
