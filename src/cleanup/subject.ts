import { type CleanupColumn, cleanupColumns } from '../catalog/cleanup-columns.ts'
import { listForeignKeys } from '../catalog/foreign-keys.ts'
import { type Leaf, leavesOf } from '../catalog/leaves.ts'
import { listTables, type TableRow } from '../catalog/tables.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { snakeCase } from '../health/casing.ts'
import { suggestion } from '../suggestion.ts'
import type { Policy } from './policies.ts'
import { type Reference, referencesTo } from './references.ts'

/** A policy and what the database has of it. */
export interface Subject {
  readonly policy: Policy
  readonly table: TableRow
  readonly column: CleanupColumn
  /** Of `keepLast`. */
  readonly per: CleanupColumn | null
  /** Of what an orphan misses. */
  readonly referenced: { readonly table: TableRow; readonly column: CleanupColumn } | null
  readonly leaves: readonly Leaf[]
  readonly references: readonly Reference[]
}

/** Types that have an age. */
export const INSTANTS = ['timestamp with time zone', 'timestamp without time zone', 'date']

/** Looks the policies up in the catalog. Throws OpsError `policy-table`, `policy-column` or `policy-type`, exit 2. */
export async function findSubjects(database: Database, policies: readonly Policy[]): Promise<Subject[]> {
  const tables = await listTables(database)
  const keys = await listForeignKeys(database)
  const subjects: Subject[] = []
  for (const policy of policies) {
    const table = tableOf(policy.name, policy.table, tables)
    const columns = await cleanupColumns(database, table.oid)
    const column = columnOf(policy.name, policy.column, table, columns)
    if (policy.kind === 'age' && !INSTANTS.includes(column.type))
      throw notAnInstant(policy.name, table, column)
    subjects.push({
      policy,
      table,
      column,
      per:
        policy.kind === 'age' && policy.keepLast
          ? columnOf(policy.name, policy.keepLast.per, table, columns)
          : null,
      referenced: policy.kind === 'orphans' ? await referencedBy(database, policy, tables) : null,
      leaves: await leavesOf(database, table.oid),
      references: referencesTo(table, tables, keys),
    })
  }
  return subjects
}

export function nameOf({ schema, name }: Pick<TableRow, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

async function referencedBy(
  database: Database,
  { name, references }: Extract<Policy, { kind: 'orphans' }>,
  tables: readonly TableRow[],
) {
  const table = tableOf(name, references.table, tables)
  const columns = await cleanupColumns(database, table.oid)
  return { table, column: columnOf(name, references.column, table, columns) }
}

/** `sessions` is that of public, or the only one of the name. */
function tableOf(policy: string, written: string, tables: readonly TableRow[]): TableRow {
  const named = tables.filter(table => written === table.name || written === nameOf(table))
  const found = named.find(({ schema }) => schema === 'public') ?? (named.length === 1 ? named[0] : undefined)
  if (found) return found
  throw new OpsError({
    code: 'policy-table',
    message:
      named.length > 1
        ? `The policy ${policy} of ops.cleanup is about ${written}, of which there are ${named.map(nameOf).join(' and ')}.`
        : `The policy ${policy} of ops.cleanup is about ${written}, and there is no such table.`,
    hint:
      named.length > 1
        ? `Write table: '${named.map(nameOf)[0]}'.`
        : `${suggestion(
            written,
            tables.map(({ name }) => name),
          )} It may also be that migrations are pending: drizzle-ops status.`,
    exit: 2,
  })
}

/** As the database writes it, or as TypeScript does. */
function columnOf(
  policy: string,
  written: string,
  table: TableRow,
  columns: readonly CleanupColumn[],
): CleanupColumn {
  const found =
    columns.find(({ name }) => name === written) ?? columns.find(({ name }) => name === snakeCase(written))
  if (found) return found
  const names = columns.map(({ name }) => name)
  throw new OpsError({
    code: 'policy-column',
    message: `The policy ${policy} of ops.cleanup is about ${nameOf(table)}.${written}, and there is no such column.`,
    hint: suggestion(written, names, `There are ${names.join(', ')}.`),
    exit: 2,
  })
}

function notAnInstant(policy: string, table: TableRow, { name, type }: CleanupColumn): OpsError {
  return new OpsError({
    code: 'policy-type',
    message: `The policy ${policy} of ops.cleanup is about ${nameOf(table)}.${name}, which is ${type} and has no age.`,
    hint: `Name a column of one of these types: ${INSTANTS.join(', ')}.`,
    exit: 2,
  })
}
