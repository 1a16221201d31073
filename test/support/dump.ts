import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'

const facts = readFileSync(join(import.meta.dirname, 'dump.sql'), 'utf8')

/** All that the user schemas hold, except rows, as text that is the same for two databases that are the same. */
export async function dump(sql: Sql): Promise<string> {
  const rows = await sql.begin('isolation level repeatable read read only', async transaction => {
    await transaction`SELECT set_config('search_path', '', true)`
    return transaction.unsafe<{ fact: string }[]>(facts)
  })
  return rows
    .map(row => `${row.fact}\n`)
    .sort()
    .join('')
}
