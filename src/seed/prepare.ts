import type { Oid } from '../catalog/relations.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { componentsOf } from '../graph/components.ts'
import type { Table } from '../graph/graph.ts'
import type { Cell } from './cell.ts'
import type { Setting } from './column-cell.ts'
import { type Counts, isAsked, wantedRows } from './counts.ts'
import type { SeedModel, SeedTable } from './model.ts'
import { type Parents, type TablePlan, textIn } from './plan.ts'
import { planTable } from './plan-table.ts'
import { rulesReader, type TableRules } from './rules.ts'
import { sift } from './sift.ts'
import { NOTHING, readStanding, type Standing } from './standing.ts'
import { ATTEMPTS } from './texts.ts'

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
interface Planning {
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
  for (;;) {
    const group: TablePlan[] = []
    for (const table of component) group.push(await planOf(planning, table))
    const fewer = group.filter(({ table, rows }) => rows < (wanted.get(table.table.oid) ?? 0))
    for (const { table, rows } of fewer) wanted.set(table.table.oid, rows)
    if (fewer.length === 0 || component.length === 1) return group
    for (const { table } of component) plans.delete(table.oid)
  }
}

/** How many rows a table is going to have; undefined where that is not known yet. */
function rowsOf({ standing, wanted, plans, written }: Planning, oid: Oid): number | undefined {
  const there = standing.get(oid)?.existing.count ?? 0
  if (!written.has(oid)) return there
  const fresh = plans.get(oid)?.rows ?? wanted.get(oid)
  return fresh === undefined ? undefined : there + fresh
}

/** Asked for each row that points to the table. */
function parentsIn(planning: Planning, { oid }: Table): Parents {
  const { existing } = planning.standing.get(oid) ?? NOTHING
  // in a circle the other's plan may come later
  return {
    get count() {
      return rowsOf(planning, oid) ?? 0
    },
    existing: existing.count,
    text: (index, column) => {
      const plan = planning.plans.get(oid)
      return plan ? textIn(plan, index, column) : (existing.values.get(column)?.[index] ?? null)
    },
  }
}

/** Plans a table; where rows do not meet a CHECK, or are not told apart, again with other texts in those columns. */
async function planOf(planning: Planning, table: SeedTable): Promise<TablePlan> {
  const { database, model, request, rulesOf, standing, wanted, plans } = planning
  const rules = rulesOf(table)
  const there = standing.get(table.table.oid) ?? NOTHING
  const attempts = new Map<string, number>()
  let best: TablePlan | undefined
  for (;;) {
    const plan = planTable(
      request.setting,
      {
        table,
        rules,
        wanted: wanted.get(table.table.oid) ?? 0,
        first: there.rows,
        base: there.base,
        existing: there.existing,
        overrides: request.overrides(table.table),
        attempts,
        referenced: new Set(
          model.graph.references.filter(({ to }) => to === table.table).flatMap(each => each.referenced),
        ),
        references: model.graph.references,
        fields: model.fields,
      },
      of => parentsIn(planning, of),
    )
    plans.set(table.table.oid, plan)
    const { taken, unmet } = await sift(database, plan, rules, there.rows > 0)
    if (unmet.length > 0) {
      if (!triedAnew(attempts, unmet.flatMap(rules.columnsOf))) throw cannotMeet(plan, unmet)
      continue
    }
    if (!taken) {
      // a 1:1 table just takes as many rows as there are, unless more were asked for
      return isAsked(table, request.counts) ? noted(plan, wanted.get(table.table.oid) ?? 0) : plan
    }
    plan.numbers.taken = taken
    if (!best || taken.length > best.rows)
      best = noted({ ...plan, rows: taken.length }, wanted.get(table.table.oid) ?? 0)
    plans.set(table.table.oid, best)
    const telling = table.uniques.filter(({ name }) => plan.open.has(name)).flatMap(key => key.columns)
    if (taken.length === plan.rows || !triedAnew(attempts, telling)) return best
  }
}

function noted(plan: TablePlan, wanted: number): TablePlan {
  if (plan.rows >= wanted) return plan
  return {
    ...plan,
    notes: [`${plan.rows} rows rather than ${wanted}, for its keys and conditions take no more`],
  }
}

/** Whether there is something else to try. */
function triedAnew(attempts: Map<string, number>, columns: readonly string[]): boolean {
  const left = columns.filter(name => (attempts.get(name) ?? 0) < ATTEMPTS)
  for (const name of new Set(left)) attempts.set(name, (attempts.get(name) ?? 0) + 1)
  return left.length > 0
}

function cannotMeet({ table }: TablePlan, unmet: readonly string[]): OpsError {
  const { title } = table.table
  const conditions = unmet.map(condition => `CHECK (${condition})`).join(' and ')
  return new OpsError({
    code: 'seed-check',
    message: `No row of ${title} could be made that meets ${conditions}. Nothing was written.`,
    hint: `Give its columns values in the config: seed: { columns: { '${table.table.name}.column': row => … } }, or leave the table out: --exclude ${table.table.name}.`,
  })
}
