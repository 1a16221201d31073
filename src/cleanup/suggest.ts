import { cleanupRuns } from '../catalog/cleanup-runs.ts'
import {
  countExpired,
  type ExpiringColumn,
  expiringColumns,
  oldestExpiry,
} from '../catalog/expiring-columns.ts'
import type { OpsConfig } from '../config.ts'
import type { Database } from '../database/database.ts'
import { snakeCase } from '../health/casing.ts'
import { duration } from '../options.ts'
import type { Project } from '../project/project.ts'

/** A policy of the config, or one that a column's name suggests. */
export interface Listed {
  readonly name: string
  readonly table: string
  readonly column: string
  readonly olderThan: string | null
  readonly configured: boolean
  /** Rows that it would take now, counted up to `COUNTED`; null where nobody may look. */
  readonly expired: number | null
  /** Milliseconds since the first of them expired. */
  readonly oldest: number | null
  /** Of the last run; null before the first. */
  readonly lastRun: string | null
  /** The line for `ops.cleanup`; null for what stands there. */
  readonly paste: string | null
}

/** More is told as so many. */
export const COUNTED = 100_000
/** What is not indexed is not read to the end for a list. */
const UNREAD = 100 * 1024 * 1024

/** Columns that are named like an end, and how long the rows behind it are usually kept. */
const USUAL: Readonly<Record<string, string>> = {
  expires_at: '0s',
  expiresAt: '0s',
  expires: '0s',
  expire: '0s',
  expiry: '0s',
  expired_at: '0s',
  expiredAt: '0s',
  deleted_at: '30d',
  deletedAt: '30d',
}

/** The policies of the config, and suggestions for the columns that have none. Suggestions never delete. */
export async function listPolicies(database: Database, project: Project): Promise<Listed[]> {
  const policies = Object.entries(project.ops.cleanup ?? {})
  const columns = await expiringColumns(
    database,
    policies.map(([, { table }]) => table),
    Object.keys(USUAL),
  )
  const listed: Listed[] = []
  for (const [name, policy] of policies) {
    const column = columns.find(each => isOf(each, policy))
    const olderThan = 'olderThan' in policy ? policy.olderThan : null
    const [last] = await cleanupRuns(database, project.migrationsTable.schema, name)
    listed.push({
      name,
      table: policy.table,
      column: policy.column,
      olderThan,
      configured: true,
      ...(column && olderThan ? await counts(database, column, duration(olderThan) / 1000) : NOT_COUNTED),
      lastRun: last?.startedAt ?? null,
      paste: null,
    })
  }
  const open = columns.filter(
    column => USUAL[column.name] !== undefined && !policies.some(([, policy]) => isOf(column, policy)),
  )
  for (const column of open) {
    const olderThan = USUAL[column.name] ?? '30d'
    const table = column.schema === 'public' ? column.table : `${column.schema}.${column.table}`
    const taken = listed.some(each => each.name === column.table)
    const name = taken ? `${column.table}_${column.name}` : column.table
    listed.push({
      name,
      table,
      column: column.name,
      olderThan,
      configured: false,
      ...(await counts(database, column, duration(olderThan) / 1000)),
      lastRun: null,
      paste: `${JSON.stringify(name)}: { table: ${JSON.stringify(table)}, column: ${JSON.stringify(column.name)}, olderThan: '${olderThan}' },`,
    })
  }
  return listed
}

const NOT_COUNTED = { expired: null, oldest: null }

async function counts(database: Database, column: ExpiringColumn, age: number) {
  if (!column.readable || column.locked || (!column.indexed && column.bytes > UNREAD)) return NOT_COUNTED
  const oldest = await oldestExpiry(database, column)
  return {
    expired: await countExpired(database, column, age, COUNTED),
    oldest: oldest !== null && oldest > age ? (oldest - age) * 1000 : null,
  }
}

type Written = NonNullable<OpsConfig['cleanup']>[string]

function isOf({ schema, table, name }: ExpiringColumn, policy: Written): boolean {
  return (
    (policy.table === table || policy.table === `${schema}.${table}`) &&
    (policy.column === name || snakeCase(policy.column) === name)
  )
}
