import type { Leaf } from '../catalog/leaves.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { withTransaction } from '../database/transaction.ts'
import { nameOf, type Subject } from './subject.ts'
import type { Work } from './work.ts'

/** Drops the leaves that hold nothing else, where the policy says so, until a signal comes. Returns their names. */
export async function dropWhole(
  { database, context, tally }: Pick<Work, 'database' | 'context' | 'tally'>,
  subject: Subject,
  cutoff: string | null,
): Promise<string[]> {
  const dropped: string[] = []
  for (const leaf of cutoff === null ? [] : await wholeLeaves(database, subject, cutoff)) {
    if (context.signal.aborted) break
    const rows = await dropLeaf(database, leaf)
    tally.matched += rows
    tally.deleted += rows
    dropped.push(nameOf(leaf))
  }
  return dropped
}

/** The leaves that hold nothing but what the policy takes, whatever comes: all of their range lies before the cutoff. */
async function wholeLeaves(database: Database, subject: Subject, cutoff: string): Promise<Leaf[]> {
  const { policy, column, leaves } = subject
  if (policy.kind !== 'age' || !policy.dropPartitions || policy.keepLast) return []
  const past: Leaf[] = []
  for (const leaf of leaves) {
    if (leaf.range?.column !== column.name) continue
    const upper = leaf.range.upper
    if (upper === 'MAXVALUE') continue
    const [row] = await database.query<{ past: boolean }>`
      SELECT (${unquoted(upper)}::text::${database.sql.unsafe(column.type)}) <= ${boundOf(database, column.type, cutoff)} AS past`
    if (row?.past) past.push(leaf)
  }
  // a table without a partition takes no rows
  return past.length === leaves.length ? past.slice(0, -1) : past
}

function boundOf({ sql }: Database, type: string, cutoff: string) {
  const at = sql`${cutoff}::timestamptz`
  return type === 'timestamp with time zone' ? at : sql`(${at} AT TIME ZONE 'UTC')::${sql.unsafe(type)}`
}

const QUOTED = /^'(.*)'$/

/** As the server writes a bound: `'2026-01-01 00:00:00'`. */
function unquoted(bound: string): string {
  return bound.replace(QUOTED, '$1').replaceAll("''", "'")
}

/** Detaches a partition and drops it. Returns how many rows it held. */
async function dropLeaf(database: Database, { schema, name, parent }: Leaf): Promise<number> {
  const { sql } = database
  const leaf = identifier(sql, schema, name)
  // of a large partition it may take minutes, and holds nobody up
  const [row] = await withTransaction(
    database,
    'BEGIN; SET LOCAL statement_timeout = 0',
    () => database.query<{ rows: number }>`SELECT count(*)::float8 AS rows FROM ONLY ${leaf}`,
  )
  if (parent) {
    // beside a default partition the server knows no other way than to lock the whole table
    const how = parent.hasDefault ? sql`` : sql`CONCURRENTLY`
    await database.query`ALTER TABLE ${identifier(sql, parent.schema, parent.name)} DETACH PARTITION ${leaf} ${how}`
  }
  await database.query`DROP TABLE ${leaf}`
  return row?.rows ?? 0
}
