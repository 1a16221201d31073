import type { Database } from '../database/database.ts'

/**
 * What makes values come out the same whatever the role, the database and the session prefer, as pg_dump does it.
 * Without row level security the server gives all rows or refuses; with it, it would leave some out in silence.
 */
const SETTINGS = {
  row_security: 'off',
  search_path: "''",
  timezone: "'UTC'",
  datestyle: "'ISO, YMD'",
  intervalstyle: "'postgres'",
  extra_float_digits: '3',
  // sorting and hashing in less than that spills early
  work_mem: "'64MB'",
  bytea_output: "'hex'",
  xmloption: "'content'",
  lc_monetary: "'C'",
  idle_in_transaction_session_timeout: '0',
}

const PLACES =
  'CREATE TEMPORARY TABLE collected (n integer, r oid, c tid, step integer, PRIMARY KEY (n, r, c)) ON COMMIT DROP'

/**
 * Runs `work` in one REPEATABLE READ READ ONLY transaction with pinned output settings. `keeps` tells whether it
 * has a temporary table for the places of rows: not on a standby, nor where the role may make none.
 */
export async function withExportSnapshot<T>(
  database: Database,
  work: (keeps: boolean) => Promise<T>,
): Promise<T> {
  const keeps = !database.server.inRecovery && (await mayMakeTables(database))
  const settings = Object.entries(SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${value}`)
  const begin = [
    `BEGIN ISOLATION LEVEL REPEATABLE READ ${keeps ? 'READ WRITE' : 'READ ONLY'}`,
    ...settings,
    ...(keeps ? [PLACES, 'SET TRANSACTION READ ONLY'] : []),
  ]
  await database.script(begin.join('; '))
  try {
    return await work(keeps)
  } finally {
    // there is nothing to keep: a COMMIT would wait for the disk because of the temporary table (measured: 14 ms)
    await database.script('ROLLBACK').catch(() => {})
  }
}

async function mayMakeTables(database: Database): Promise<boolean> {
  const [row] = await database.query<{ allowed: boolean }>`
    SELECT has_database_privilege(current_database(), 'TEMPORARY') AS allowed`
  return row?.allowed === true
}
