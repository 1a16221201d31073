import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { timeouts } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { altered, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import { usedTooEarly } from '../migrations/derive-way.ts'
import { retried } from '../migrations/retry.ts'

const OUTSIDE = /^\s*(CREATE (UNIQUE )?INDEX|DROP INDEX|REINDEX \w+) CONCURRENTLY\b/i

/** Whether the statements can be all or nothing. */
export function fitsOneTransaction(statements: readonly string[]): boolean {
  return !statements.some(sql => OUTSIDE.test(sql)) && usedTooEarly(statements) === undefined
}

/**
 * Runs the statements: in one transaction where that is possible, else each in its own, and says how many have been.
 * Throws OpsError with `applied` among what is known.
 */
export async function applyStatements(
  context: Context,
  database: Database,
  statements: readonly string[],
  lockWait: number,
): Promise<number> {
  const run = async (sql: string) => {
    context.event({ event: 'statement', sql })
    await database.script(sql).catch(error => {
      throw failed(error, sql)
    })
  }
  if (fitsOneTransaction(statements)) {
    const all = async () => {
      for (const sql of statements) await run(sql)
    }
    await retried(context, database, lockWait, () => withTransaction(database, 'BEGIN', all)).catch(error => {
      throw counted(error, 0)
    })
    return statements.length
  }
  for (const [applied, sql] of statements.entries()) {
    const alone = OUTSIDE.test(sql)
      ? untimed(database, () => run(sql))
      : retried(context, database, lockWait, () => run(sql))
    await alone.catch(error => {
      throw counted(error, applied)
    })
  }
  return statements.length
}

/** It waits for whole transactions by design, and being cancelled leaves an invalid index behind. */
async function untimed(database: Database, work: () => Promise<void>): Promise<void> {
  await database.script(timeouts({ statementTimeout: 0, lockTimeout: 0 }))
  try {
    await work()
  } finally {
    await database.script(timeouts(database.settings))
  }
}

function failed(error: unknown, sql: string): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError) || explained.sqlstate === undefined) return explained
  return altered(explained, { message: `${explained.message} The statement was: ${sql}` })
}

function counted(error: unknown, applied: number): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError)) return explained
  return altered(explained, { known: { ...explained.known, applied } })
}
