import { type PlanNode, planOf } from '../catalog/plan-of.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { settingsWithin } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'
import { list, sweepOf } from './statements.ts'
import type { Subject } from './subject.ts'

/** What a policy would take. Counts are estimates unless `exact`. */
export interface Estimate {
  readonly matched: number
  readonly exact: boolean
  /** Of the whole table. */
  readonly rows: number
  /** Rows without a value, which never expire; null where nobody counted. */
  readonly nulls: number | null
  /** The first and the last of those that would go, as text of the server's. */
  readonly oldest: string | null
  readonly newest: string | null
  /** Keys of the first few. */
  readonly samples: readonly (readonly string[])[]
  /** The index that finds them; null for a scan of the table. */
  readonly index: string | null
}

/** Up to this many rows are counted in any case, and where the server has no idea how many there are. */
const COUNTED = 100_000
const SAMPLES = 5

/** Asks the planner, and counts where the table is small or it is asked for. */
export async function estimate(
  database: Database,
  subject: Subject,
  cutoff: string | null,
  countExactly: boolean,
): Promise<Estimate> {
  const parts: Estimate[] = []
  for (const leaf of subject.leaves) {
    const sweep = sweepOf(database, subject, leaf, cutoff)
    const { sql } = database
    const table = identifier(sql, leaf.schema, leaf.name)
    const names = sweep.order.map(({ name }) => name)
    const plan = await planOf(database, sql`SELECT FROM ONLY ${table} AS t WHERE ${sweep.condition}`)
    const first = await database.query<{ key: string[] }>`
      SELECT array_to_json(ARRAY[${textOf(database, names)}]) AS key
      FROM ONLY ${table} AS t WHERE ${sweep.condition}
      ORDER BY ${list(sql, names, 't')} LIMIT ${SAMPLES}`
    const counted =
      countExactly || leaf.rows <= COUNTED ? await countedIn(database, subject, sweep) : undefined
    parts.push({
      matched: counted?.matched ?? plan['Plan Rows'],
      exact: counted !== undefined,
      rows: counted?.rows ?? Math.max(leaf.rows, 0),
      nulls: counted?.nulls ?? null,
      oldest: subject.policy.kind === 'age' ? (first[0]?.key[0] ?? null) : null,
      newest: counted?.newest ?? null,
      samples: first.map(({ key }) => key),
      index: indexOf(plan),
    })
  }
  return together(parts)
}

function textOf({ sql }: Database, names: readonly string[]) {
  return names.reduce(
    (all, name, index) =>
      index === 0 ? sql`${list(sql, [name], 't')}::text` : sql`${all}, ${list(sql, [name], 't')}::text`,
    sql``,
  )
}

interface Counted {
  readonly matched: number
  readonly rows: number
  readonly nulls: number
  readonly newest: string | null
}

/** Undefined where it takes longer than a statement may: counting may itself be the outage. */
async function countedIn(
  database: Database,
  { policy, column }: Subject,
  { leaf, condition }: ReturnType<typeof sweepOf>,
): Promise<Counted | undefined> {
  const { sql } = database
  const value = sql`t.${identifier(sql, column.name)}`
  const begin = `BEGIN; ${settingsWithin(database)}; SET LOCAL TimeZone = 'UTC'`
  try {
    return await withTransaction(database, begin, async () => {
      const [row] = await database.query<Counted>`
        SELECT count(*) FILTER (WHERE ${condition})::float8 AS matched, count(*)::float8 AS rows,
               count(*) FILTER (WHERE ${value} IS NULL)::float8 AS nulls,
               ${policy.kind === 'age' ? sql`(max(${value}) FILTER (WHERE ${condition}))::text` : sql`NULL::text`} AS newest
        FROM ONLY ${identifier(sql, leaf.schema, leaf.name)} AS t`
      return row
    })
  } catch (error) {
    if (error instanceof OpsError && ['57014', '55P03'].includes(error.sqlstate ?? '')) return undefined
    throw error
  }
}

function indexOf(node: PlanNode): string | null {
  if (node['Index Name']) return node['Index Name']
  return (node.Plans ?? []).map(indexOf).find(name => name !== null) ?? null
}

function together(parts: readonly Estimate[]): Estimate {
  const sum = (key: 'matched' | 'rows') => parts.reduce((total, part) => total + part[key], 0)
  const texts = (key: 'oldest' | 'newest') => parts.flatMap(part => part[key] ?? []).sort()
  return {
    matched: sum('matched'),
    exact: parts.every(({ exact }) => exact),
    rows: sum('rows'),
    nulls: parts.reduce<number | null>(
      (total, { nulls }) => (total === null || nulls === null ? null : total + nulls),
      0,
    ),
    oldest: texts('oldest')[0] ?? null,
    newest: texts('newest').at(-1) ?? null,
    samples: parts.flatMap(({ samples }) => samples).slice(0, SAMPLES),
    index: parts.find(({ index }) => index !== null)?.index ?? null,
  }
}
