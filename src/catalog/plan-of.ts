import type { Fragment } from '../cleanup/statements.ts'
import type { Database } from '../database/database.ts'

export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Plan Rows': number
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

/** What the planner makes of a query, without running it. */
export async function planOf({ query }: Database, statement: Fragment): Promise<PlanNode> {
  const [row] = await query<{
    'QUERY PLAN': readonly [{ Plan: PlanNode }]
  }>`EXPLAIN (FORMAT JSON) ${statement}`
  const plan = row?.['QUERY PLAN'][0].Plan
  return plan ?? { 'Node Type': 'Result', 'Plan Rows': 0 }
}
