import type { Context } from '../command.ts'
import type { Database, DatabaseOptions } from '../database/database.ts'
import { settingsWithin } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'

/** A statement of a report may take this long, and wait this long for a lock. */
const STATEMENT_TIMEOUT = 15_000
const LOCK_TIMEOUT = 100

/** A session that reads, and that nobody has to wait for. */
export function askingOptions({ globals }: Context): DatabaseOptions {
  return {
    command: 'stats',
    settings: {
      statementTimeout: globals.statementTimeout ?? STATEMENT_TIMEOUT,
      lockTimeout: globals.lockTimeout ?? LOCK_TIMEOUT,
      readOnly: true,
    },
  }
}

/** The same database, which keeps to its timeouts behind a transaction pooler too: there they last for one transaction only. */
export function asking(database: Database): Database {
  if (database.server.pooler !== 'transaction') return database
  const begin = `BEGIN READ ONLY; ${settingsWithin(database)}`
  return {
    ...database,
    query: (strings, ...values) => withTransaction(database, begin, () => database.query(strings, ...values)),
  }
}
