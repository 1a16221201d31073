import { cleanupRuns } from '../catalog/cleanup-runs.ts'
import {
  countExpired,
  type ExpiringColumn,
  expiringColumns,
  oldestExpiry,
} from '../catalog/expiring-columns.ts'
import { type AgePolicy, readPolicies } from '../cleanup/policies.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { milliseconds } from '../output/words.ts'
import type { Project } from '../project/project.ts'
import { snakeCase } from './casing.ts'
import {
  type Check,
  type Finding,
  finding,
  judgeValue,
  orOk,
  type Subject,
  type Thresholds,
} from './check.ts'

/** What such rows are usually told by. */
const EXPIRES = ['expires_at', 'expires', 'expired_at', 'deleted_at']
/** Without a policy: this long after, and this many. */
const FORGOTTEN = 30 * 24 * 3600
const MANY = 10_000
/** More than this is not read to the end for a check. */
const LARGE = 100 * 1024 * 1024
const NAMED = 3

/** How long rows are overdue, in seconds; a cleanup comes by once a day or once a week. */
export const retention: Check = {
  id: 'retention',
  thresholds: { warn: 7 * 24 * 3600, critical: null },
  async run(subject, thresholds) {
    const policies = policiesOf(subject.project)
    const tables = policies.map(({ table }) => table.split('.').at(-1) ?? table)
    const columns = (await expiringColumns(subject.database, tables, EXPIRES)).filter(
      column => EXPIRES.includes(column.name) || policies.some(policy => isFor(policy, column)),
    )
    const found = unreadable(
      subject.database,
      columns.filter(({ readable }) => !readable),
    )
    for (const column of columns.filter(({ readable }) => readable)) {
      const own = policies.filter(policy => isFor(policy, column))
      // what keeps the last rows of each owner may rightly keep old ones
      for (const policy of own.filter(({ keepLast }) => keepLast === null))
        found.push(...(await overdue(subject, policy, column, thresholds)))
      if (own.length === 0) found.push(...(await forgotten(subject.database, column)))
    }
    return orOk(
      found,
      policies.length > 0 ? 'No policy of ops.cleanup is overdue.' : 'No table is full of what has expired.',
    )
  },
}

/** Those that go by age. */
function policiesOf(project: Project | undefined): AgePolicy[] {
  if (!project || Object.keys(project.ops.cleanup ?? {}).length === 0) return []
  return readPolicies(project, []).filter(policy => policy.kind === 'age')
}

function isFor({ table, column }: AgePolicy, found: ExpiringColumn): boolean {
  return (table === found.table || table === `${found.schema}.${found.table}`) && isCalled(found, column)
}

/** A policy names its column as the database does or as the code does. */
function isCalled({ name }: ExpiringColumn, wanted: string): boolean {
  return name === wanted || name === snakeCase(wanted)
}

async function overdue(
  { database, project }: Subject,
  policy: AgePolicy,
  column: ExpiringColumn,
  thresholds: Thresholds,
): Promise<Finding[]> {
  const unseen = cannotTell(column)
  if (unseen) return [unseen]
  const age = await oldestExpiry(database, column)
  const seconds = age === null ? 0 : age - policy.olderThan / 1000
  const status = judgeValue(seconds, thresholds)
  if (status === 'ok') return []
  const runs = project ? await cleanupRuns(database, project.migrationsTable.schema, policy.name) : []
  return [
    finding(
      status,
      `Rows of ${column.schema}.${column.table} are overdue for ${milliseconds(seconds * 1000)} by the policy ${policy.name}; ${lastRun(runs)}.`,
      {
        object: policy.name,
        value: seconds,
        unit: 's',
        thresholds,
        fix: `drizzle-ops cleanup ${policy.name}`,
        evidence: [column, ...runs],
      },
    ),
  ]
}

function lastRun([last]: Awaited<ReturnType<typeof cleanupRuns>>): string {
  if (!last) return 'it has never run'
  if (last.finishedAt === null) return `its last run began at ${last.startedAt} and did not come to its end`
  return `it last ran at ${last.finishedAt}${last.stoppedBy ? ` and was stopped by ${last.stoppedBy}` : ''}`
}

async function forgotten(database: Database, column: ExpiringColumn): Promise<Finding[]> {
  if (column.rows !== null && column.rows < MANY) return []
  const unseen = cannotTell(column)
  if (unseen) return [unseen]
  const rows = await countExpired(database, column, FORGOTTEN, MANY)
  if (rows < MANY) return []
  return [
    finding(
      'warn',
      `${rows} rows and more of ${column.schema}.${column.table} are past their ${column.name} for more than 30 days, and no policy deletes them.`,
      {
        object: `${column.schema}.${column.table}`,
        value: rows,
        unit: 'rows',
        fix: `Add a policy to ops.cleanup: ${column.table}: { table: '${column.table}', column: '${column.name}', olderThan: '30d' }.`,
        evidence: [column],
      },
    ),
  ]
}

function cannotTell({ schema, table, name, locked, indexed, bytes }: ExpiringColumn): Finding | undefined {
  const object = `${schema}.${table}.${name}`
  if (locked)
    return finding('unknown', `Somebody locks ${schema}.${table} just now.`, {
      object,
      fix: 'Run this again when they are done.',
    })
  if (!indexed && bytes > LARGE)
    return finding('unknown', `${object} has no index to find its oldest row by.`, {
      object,
      fix: `CREATE INDEX CONCURRENTLY ON ${quoted(schema, table)} (${quoted(name)});`,
    })
  return undefined
}

function unreadable({ identity }: Database, columns: readonly ExpiringColumn[]): Finding[] {
  if (columns.length === 0) return []
  const role = quoted(identity.user)
  const tables = new Set(columns.map(({ schema, table }) => quoted(schema, table)))
  const schemas = new Set(columns.map(({ schema }) => quoted(schema)))
  const named = columns.slice(0, NAMED).map(({ schema, table, name }) => `${schema}.${table}.${name}`)
  return [
    finding(
      'unknown',
      `${identity.user} may not read ${named.join(', ')}${columns.length > NAMED ? `, and ${columns.length - NAMED} more` : ''}, or not every row.`,
      {
        value: columns.length,
        unit: 'columns',
        fix: `GRANT USAGE ON SCHEMA ${[...schemas].join(', ')} TO ${role}; GRANT SELECT ON ${[...tables].join(', ')} TO ${role};`,
      },
    ),
  ]
}
