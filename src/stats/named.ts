import type { SQLWrapper } from 'drizzle-orm'
import type { NamedQuery, OpsConfig } from '../config.ts'
import type { Database } from '../database/database.ts'
import { drizzleOn } from '../database/drizzle.ts'
import { withTransaction } from '../database/transaction.ts'
import type { StatsReport } from './report.ts'

const END = /[;\s]+$/

/** The queries of `ops.stats` as reports. Their columns' units are told by the ends of their names: `totalBytes`. */
export function namedReports(queries: NonNullable<OpsConfig['stats']>): StatsReport[] {
  return Object.entries(queries).map(([name, query]) => ({
    name,
    summary: query.description,
    reads: ['ops.stats'],
    needs: null,
    columns: [],
    ask: async ({ database }) => ({
      rows: await withTransaction(database, READ_ONLY, () => answered(database, query)),
    }),
  }))
}

const READ_ONLY = "BEGIN READ ONLY; SET LOCAL TimeZone = 'UTC'"

async function answered(database: Database, query: NamedQuery): Promise<object[]> {
  if (typeof query.sql === 'string') return asJson(database, query.sql)
  const orm = drizzleOn(database, {})
  const made = typeof query.sql === 'function' ? await query.sql(orm) : query.sql
  const rows = Array.isArray(made) ? made : await orm.execute(made as SQLWrapper)
  // what JSON makes of them is what the document holds
  return JSON.parse(JSON.stringify([...rows]))
}

/** The server writes the values: instants as ISO 8601, and numbers as such. */
async function asJson(database: Database, text: string): Promise<object[]> {
  const rows = (await database.script(
    `SELECT row_to_json(answer) AS row FROM (\n${text.replace(END, '')}\n) AS answer`,
  )) as readonly { row: object }[]
  return rows.map(({ row }) => row)
}
