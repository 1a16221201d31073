import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Collection } from './collect.ts'
import { collectedTables, rowsOf } from './collected.ts'
import type { Graph } from './graph.ts'

export interface TableRows {
  readonly table: string
  readonly rows: number
}

interface Found {
  readonly graph: Graph
  readonly collection: Collection
}

/** Rows that came along because others need them, by table; a row that belongs to the root counts as such. */
export async function embeddedRows(
  database: Database,
  { nodes, membership, prelude }: Collection,
): Promise<TableRows[]> {
  const embedded: TableRows[] = []
  for (const node of nodes.filter(({ role }) => role === 'required')) {
    const { from, where } = membership.rows(node, 'parent')
    const owned = nodes.find(({ role, table }) => role === 'owned' && table === node.table)
    const others = owned ? ` AND NOT (${membership.isMember(owned, 'parent')})` : ''
    const [row] = (await database.script(
      `${prelude}SELECT count(*)::float8 AS rows FROM ${from} WHERE ${where}${others}`,
    )) as { rows: number }[]
    if (row && row.rows > 0) embedded.push({ table: node.table.title, rows: row.rows })
  }
  return embedded
}

/** Throws OpsError `too-many-rows` before anything is written. */
export async function refuseBeyond(
  database: Database,
  { graph, collection }: Found,
  limit: number,
): Promise<void> {
  const counts = await countRows(database, { graph, collection })
  const total = counts.reduce((sum, { rows }) => sum + rows, 0)
  if (total <= limit) return
  const largest = counts.toSorted((a, b) => b.rows - a.rows).slice(0, 3)
  throw new OpsError({
    code: 'too-many-rows',
    message: `The export would have ${total} rows, and --row-limit is ${limit}: ${largest.map(({ table, rows }) => `${table} ${rows}`).join(', ')}.`,
    hint: 'Leave tables out with --exclude, raise the limit, or see with --explain why rows come.',
    known: { tables: counts },
  })
}

/** How many rows of each table are collected. */
async function countRows(database: Database, { graph, collection }: Found): Promise<TableRows[]> {
  const counts: TableRows[] = []
  for (const each of collectedTables(graph, collection)) {
    const { from, where } = rowsOf(collection, each, 'kept')
    const [row] = (await database.script(
      `${collection.prelude}SELECT count(*)::float8 AS rows FROM ${from} WHERE ${where}`,
    )) as { rows: number }[]
    counts.push({ table: each.table.title, rows: row?.rows ?? 0 })
  }
  return counts
}
