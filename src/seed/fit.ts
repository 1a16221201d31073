import { OpsError } from '../errors.ts'
import { ATTEMPTS } from './cells/writers.ts'
import { isAsked } from './counts.ts'
import type { SeedTable } from './model.ts'
import type { TablePlan } from './plan.ts'
import { planTable, type TableOrder } from './plan-table.ts'
import { type Planning, parentsIn } from './planning.ts'
import { sift } from './sift.ts'

/**
 * Plans a table; where rows do not meet a CHECK, or are not told apart, again with other texts in those columns. Throws
 * OpsError `seed-check`.
 */
export async function fittedPlan(
  planning: Planning,
  order: TableOrder,
  component: readonly SeedTable[],
): Promise<TablePlan> {
  const { database, request, plans } = planning
  const { table, rules, wanted, first } = order
  const attempts = new Map<string, number>()
  let best: TablePlan | undefined
  for (;;) {
    const plan = planTable(request.setting, { ...order, attempts }, of => parentsIn(planning, of, component))
    plans.set(table.table.oid, plan)
    const { taken, unmet } = await sift(database, plan, rules, first > 0)
    if (unmet.length > 0) {
      if (triedAnew(attempts, unmet.flatMap(rules.columnsOf))) continue
      if (!best) throw cannotMeet(plan, unmet)
      // texts that were to tell more rows apart meet no condition: those before them did
      plans.set(table.table.oid, best)
      return best
    }
    // a 1:1 table just takes as many rows as there are, unless more were asked for
    if (!taken) return isAsked(table, request.counts) ? noted(plan, wanted) : plan
    plan.numbers.taken = taken
    if (!best || taken.length > best.rows) best = noted({ ...plan, rows: taken.length }, wanted)
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
