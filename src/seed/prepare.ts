import type { Database } from '../database/database.ts'
import { componentsOf } from '../graph/components.ts'
import type { Table } from '../graph/graph.ts'
import type { Cell } from './cells/cell.ts'
import { circleCells, circlesOf, type Place } from './circles.ts'
import { wantedRows } from './counts.ts'
import { fittedPlan } from './fit.ts'
import { freeCell } from './free-cell.ts'
import type { SeedModel, SeedTable } from './model.ts'
import type { TablePlan } from './plan.ts'
import { planTable } from './plan-table.ts'
import { orderOf, type Planning, parentsIn, rowsOf, type SeedRequest } from './planning.ts'
import { rulesReader } from './rules.ts'
import { readStanding } from './standing.ts'
import { isCountable } from './unique.ts'

/**
 * Plans all tables, parents first; those of one component point to each other in a circle. The plan is made of
 * functions: no row exists yet, and none is kept. Throws OpsError `seed-type`, `seed-parents`, `seed-check`.
 */
export async function prepareSeed(
  database: Database,
  model: SeedModel,
  request: SeedRequest,
): Promise<TablePlan[][]> {
  const { chosen, emptied, setting } = request
  const planning: Planning = {
    database,
    model,
    request,
    written: new Set(chosen.map(({ table }) => table.oid)),
    rulesOf: await rulesReader(chosen, setting.now),
    standing: await readStanding(database, model, chosen, emptied),
    wanted: new Map(),
    plans: new Map(),
  }
  const order = componentsOf(chosen, ({ references }) =>
    references.flatMap(({ to }) => chosen.find(({ table }) => table === to) ?? []),
  )
  const groups: TablePlan[][] = []
  for (const component of order) groups.push(await planComponent(planning, component))
  return groups
}

/** Tables in a circle count on each other's rows: where one gets fewer than were wanted, all are planned anew. */
async function planComponent(planning: Planning, component: readonly SeedTable[]): Promise<TablePlan[]> {
  const { request, wanted, plans } = planning
  for (const each of component)
    wanted.set(
      each.table.oid,
      wantedRows(each, request.counts, ({ oid }) => rowsOf(planning, oid)),
    )
  const given = cellsOfCircles(planning, component)
  for (;;) {
    const orders = component.map(table => orderOf(planning, table, given(table.table)))
    // each is tried on the server by what the others are going to be
    for (const order of component.length > 1 ? orders : [])
      plans.set(
        order.table.table.oid,
        planTable(request.setting, order, of => parentsIn(planning, of, component)),
      )
    const group: TablePlan[] = []
    for (const order of orders) group.push(await fittedPlan(planning, order, component))
    const fewer = group.filter(({ table, rows }) => rows < (wanted.get(table.table.oid) ?? 0))
    for (const { table, rows } of fewer) wanted.set(table.table.oid, rows)
    if (fewer.length === 0 || component.length === 1) return group
    for (const { table } of component) plans.delete(table.oid)
  }
}

function cellsOfCircles(
  planning: Planning,
  component: readonly SeedTable[],
): (table: Table) => ReadonlyMap<string, Cell> {
  const { request, standing, wanted } = planning
  const circles = circlesOf(component, (table, column) => request.overrides(table).has(column))
  const members = new Set(circles.flatMap(({ places }) => places.map(({ table }) => table.table.oid)))
  const cells = circleCells(circles, {
    size: () => Math.min(...[...members].map(oid => wanted.get(oid) ?? 0)),
    first: ({ oid }) => standing.get(oid)?.rows ?? 0,
    own: place => ownCell(planning, place),
    parents: table => parentsIn(planning, table, component),
  })
  return ({ oid }) => cells.get(oid) ?? new Map()
}

/** The values of a column of which each row needs another. */
function ownCell(planning: Planning, { table, column }: Place): Cell | undefined {
  const order = orderOf(planning, table, new Map())
  const alone = new Set([column.name])
  const numbered = isCountable(column, order.rules.limits.get(column.name)) ? alone : new Set<string>()
  return freeCell(planning.request.setting, order, { distinct: alone, numbered }, column)
}
