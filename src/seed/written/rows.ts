import { listColumnKinds } from '../../catalog/column-kinds.ts'
import { listDrawnSequences } from '../../catalog/drawn-sequences.ts'
import { advanceSequence } from '../../catalog/seed-state.ts'
import { transactionWrites } from '../../catalog/transaction-writes.ts'
import { listUniqueKeys, type UniqueKeyRow } from '../../catalog/unique-keys.ts'
import type { Database } from '../../database/database.ts'
import { quoted } from '../../database/identifier.ts'
import { altered, type ErrorPlace, OpsError } from '../../errors.ts'
import { componentsOf } from '../../graph/components.ts'
import { findTable } from '../../graph/find-table.ts'
import { type Graph, readGraph, type Table } from '../../graph/graph.ts'
import { type JsonRow, parseRows } from './json-rows.ts'
import { readSeed } from './read.ts'
import { keptUnless } from './transaction.ts'
import type { Written, WrittenOptions } from './written.ts'

interface TableRows {
  readonly table: Table
  readonly rows: readonly JsonRow[]
}

/**
 * Inserts the rows of `{ "table": [{ "column": value, … }, …] }` that are missing by their key, parents first; with
 * `upsert` those that stand already get the values of the file, where they differ.
 */
export async function upsertRows(
  database: Database,
  { file, upsert, dryRun }: WrittenOptions,
): Promise<Written> {
  const written = parseRows(file, await readSeed(file))
  const graph = await readGraph(database)
  const tables = written.map(({ name, rows }) => ({ table: findTable(graph, name), rows }))
  return keptUnless(database, dryRun, async () => {
    let differing = 0
    for (const { table, rows } of parentsFirst(graph, tables)) {
      const keys = await listUniqueKeys(database, [table.oid])
      const known = new Set((await listColumnKinds(database, [table.oid])).map(column => column.name))
      for (const row of rows) {
        refuseUnknown(file, table, row, known)
        differing += await putRow(database, table, keyOf(file, table, keys, row), row, upsert).catch(
          error => {
            throw error instanceof OpsError ? placed(error, { file, line: row.line }) : error
          },
        )
      }
      if (!dryRun) await advanceSequences(database, table)
    }
    return { tables: await transactionWrites(database), differing }
  })
}

/** In the file's order where it does not matter. */
function parentsFirst({ references }: Graph, tables: readonly TableRows[]): TableRows[] {
  const parents = ({ table }: TableRows) =>
    tables.filter(other => references.some(({ from, to }) => from === table && to === other.table))
  return componentsOf(tables, parents).flat()
}

/** What is numbered on later must not meet what the file numbers. No rollback undoes it. */
async function advanceSequences(database: Database, { oid, schema, name }: Table): Promise<void> {
  for (const drawn of await listDrawnSequences(database, [oid]))
    if (!drawn.descending)
      await advanceSequence(database, schema, name, drawn.column, quoted(drawn.schema, drawn.sequence))
}

/** Puts one row into its table. Returns 1 where it stands already, differs, and stays as it is. */
async function putRow(
  database: Database,
  { schema, name }: Table,
  key: readonly string[],
  { values, text: json }: JsonRow,
  upsert: boolean,
): Promise<number> {
  const { sql } = database
  const table = sql(`${schema}.${name}`)
  const columns = Object.keys(values)
  const others = columns.filter(column => !key.includes(column))
  const given = sql`json_populate_record(NULL::${table}, ${json}::text::json) AS given`
  const same = sql.unsafe(
    key.map(column => `stands.${quoted(column)} = given.${quoted(column)}`).join(' AND '),
  )
  const differs = sql.unsafe(
    others
      .map(column => `to_jsonb(stands.${quoted(column)}) IS DISTINCT FROM to_jsonb(given.${quoted(column)})`)
      .join(' OR ') || 'false',
  )
  const [found] = await database.query<{ differs: boolean }>`
    SELECT ${differs} AS differs FROM ${table} AS stands, ${given} WHERE ${same}`
  if (!found) {
    const list = sql.unsafe(columns.map(column => quoted(column)).join(', '))
    await database.query`INSERT INTO ${table} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${given}`
    return 0
  }
  if (!found.differs || !upsert) return found.differs ? 1 : 0
  const set = sql.unsafe(others.map(column => `${quoted(column)} = given.${quoted(column)}`).join(', '))
  await database.query`UPDATE ${table} AS stands SET ${set} FROM ${given} WHERE ${same}`
  return 0
}

/** By which columns a row is found again: of the keys that it has values for, the primary one first. */
function keyOf(file: string, table: Table, keys: readonly UniqueKeyRow[], row: JsonRow): readonly string[] {
  const found = keys.find(
    ({ predicate, parts, columns }) =>
      predicate === null &&
      parts.length === columns.length &&
      columns.every(column => row.values[column] !== undefined && row.values[column] !== null),
  )
  if (found) return found.columns
  const columns = keys[0]?.columns.join(', ') ?? 'a primary key'
  throw new OpsError({
    code: 'seed-key',
    message: `${file} line ${row.line}: the row of ${table.title} names none of its keys, so every run would add it again.`,
    hint: `Give it ${columns}.`,
    exit: 2,
    where: { file, line: row.line },
  })
}

function refuseUnknown(file: string, table: Table, row: JsonRow, known: ReadonlySet<string>): void {
  const unknown = Object.keys(row.values).find(column => !known.has(column))
  if (unknown === undefined) return
  throw new OpsError({
    code: 'seed-column',
    message: `${file} line ${row.line}: ${table.title} has no column ${unknown} that can be written.`,
    hint: `Its columns are ${[...known].join(', ')}.`,
    exit: 2,
    where: { file, line: row.line },
  })
}

function placed(error: OpsError, where: ErrorPlace): OpsError {
  if (error.where || error.exit === 3) return error
  return altered(error, {
    code: 'seed-failed',
    message: `${where.file} line ${where.line}: ${error.message}`,
    where,
  })
}
