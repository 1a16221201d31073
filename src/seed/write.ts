import { Readable } from 'node:stream'
import { advanceSequence } from '../catalog/seed-state.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { withTransaction } from '../database/transaction.ts'
import type { Table } from '../graph/graph.ts'
import { isSelf } from './decisions.ts'
import { copyPieces, type Piece } from './lines.ts'
import type { TablePlan } from './plan.ts'

/** One table that has been written to. */
export interface Seeded {
  readonly table: string
  readonly rows: number
  readonly ms: number
}

/** Where it is written to: the database, or a script that does the same later. */
export type Target = Pick<Database, 'script' | 'copyIn'>

export interface WriteOptions {
  /** What is emptied first, together. */
  readonly truncated: readonly Table[]
  readonly commitEachTable: boolean
}

/** Every server and role reads the same from the same text. */
const INPUT =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'"

/**
 * The server checks the foreign keys of a COPY at its end: a table gets its rows by several, and while those of one are
 * checked the next are made (50,000 files in 0.8 s rather than 1.1).
 */
const ROWS_AT_ONCE = 5000
const PIECES_AHEAD = 40

/** Writes what is planned: everything or nothing, unless each table is to be kept by itself. */
export async function writeSeed(
  context: Context,
  database: Target,
  groups: readonly (readonly TablePlan[])[],
  { truncated, commitEachTable }: WriteOptions,
): Promise<Seeded[]> {
  const begin = `BEGIN; ${INPUT}`
  const done: Seeded[] = []
  if (commitEachTable) {
    await withTransaction(database, begin, () => truncate(database, truncated))
    for (const group of groups)
      done.push(...(await withTransaction(database, begin, () => writeGroup(context, database, group))))
    return done
  }
  return withTransaction(database, begin, async () => {
    await truncate(database, truncated)
    for (const group of groups) done.push(...(await writeGroup(context, database, group)))
    return done
  })
}

async function truncate(database: Target, tables: readonly Table[]): Promise<void> {
  if (tables.length === 0) return
  const names = tables.map(({ schema, name }) => quoted(schema, name))
  await database.script(`TRUNCATE ${names.join(', ')} RESTART IDENTITY`)
}

async function writeGroup(
  context: Context,
  database: Target,
  group: readonly TablePlan[],
): Promise<Seeded[]> {
  const [only, ...others] = group
  const done =
    !only || others.length > 0
      ? await writeCircle(context, database, group)
      : [await writeTable(context, database, only)]
  for (const { table, rows } of group) {
    const { schema, name } = table.table
    for (const column of table.columns)
      if (column.sequence !== null && rows > 0)
        await advanceSequence(database, schema, name, column.name, column.sequence)
  }
  return done
}

async function writeTable(context: Context, database: Target, plan: TablePlan): Promise<Seeded> {
  const { schema, name } = plan.table.table
  return copy(context, database, plan, quoted(schema, name))
}

/**
 * Tables that point to each other by keys that are checked at the end of each statement: all their rows are staged, and
 * one statement inserts all of them (PostgreSQL 14 to 18).
 */
async function writeCircle(
  context: Context,
  database: Target,
  group: readonly TablePlan[],
): Promise<Seeded[]> {
  const done: Seeded[] = []
  for (const [index, plan] of group.entries()) {
    const { schema, name } = plan.table.table
    const columns = columnsOf(plan).join(', ')
    await database.script(
      `CREATE TEMPORARY TABLE ${stage(index)} ON COMMIT DROP AS SELECT ${columns} FROM ${quoted(schema, name)} WITH NO DATA`,
    )
    done.push(await copy(context, database, plan, stage(index)))
  }
  const inserts = group.map((plan, index) => {
    const { schema, name } = plan.table.table
    const columns = columnsOf(plan).join(', ')
    return `i${index} AS (INSERT INTO ${quoted(schema, name)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${stage(index)})`
  })
  // another circle's stages have the same names
  const stages = group.map((_, index) => stage(index)).join(', ')
  await database.script(`WITH ${inserts.join(', ')} SELECT; DROP TABLE ${stages}`)
  return done
}

function stage(index: number): string {
  return `pg_temp.drizzle_ops_seed_${index}`
}

function columnsOf({ cells }: TablePlan): string[] {
  return [...cells.keys()].map(name => quoted(name))
}

async function copy(context: Context, database: Target, plan: TablePlan, into: string): Promise<Seeded> {
  const { title } = plan.table.table
  const started = performance.now()
  if (plan.cells.size === 0) {
    await database.script(`INSERT INTO ${into} SELECT FROM generate_series(1, ${plan.rows})`)
    return { table: title, rows: plan.rows, ms: performance.now() - started }
  }
  const statement = `COPY ${into} (${columnsOf(plan).join(', ')}) FROM STDIN`
  const made = Readable.from(copyPieces([...plan.cells.values()], plan.numbers, plan.rows), {
    highWaterMark: PIECES_AHEAD,
  })
  const pieces: AsyncIterator<Piece> = made[Symbol.asyncIterator]()
  // keys within the table are checked at the end of a statement, and may point to a later row
  const size = plan.table.references.some(isSelf) ? plan.rows : ROWS_AT_ONCE
  let sent = 0
  async function* part(): AsyncGenerator<Buffer> {
    for (const end = sent + size; sent < end; ) {
      const { done, value } = await pieces.next()
      if (done) return
      sent += value.rows
      context.report.progress(progressOf(title, sent, plan.rows, performance.now() - started))
      yield value.text
    }
  }
  let rows = 0
  try {
    while (sent < plan.rows) rows += await database.copyIn(statement, part())
  } finally {
    made.destroy()
  }
  return { table: title, rows, ms: performance.now() - started }
}

function progressOf(title: string, rows: number, of: number, ms: number): string {
  const rate = rows / Math.max(ms, 1)
  const left = Math.ceil((of - rows) / Math.max(rate, 0.001) / 1000)
  return `${title}: ${rows} of ${of} rows, ${Math.round(rate * 1000)} a second, ${left}s left`
}
