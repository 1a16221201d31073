import type { Database } from '../database/database.ts'
import { deferred } from '../database/socket.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'

/** What the server's own answer to the timeout may need to arrive. */
const GRACE = 500

/**
 * The same connection, on which nothing runs beyond `deadline`, of performance.now(). Behind a transaction pooler
 * each statement gets a transaction of its own, in which alone it may have settings.
 */
export function withinDeadline(database: Database, deadline: number): Database {
  const { statementTimeout, lockTimeout } = database.settings
  return {
    ...database,
    async query<Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) {
      const left = Math.ceil(deadline - performance.now())
      if (left <= 0) throw timeUp()
      const limit = statementTimeout > 0 ? Math.min(left, statementTimeout) : left
      const ask = () => database.query<Row>(strings, ...values)
      if (database.server.pooler === 'transaction') {
        const settings = `SET LOCAL statement_timeout = ${limit}; SET LOCAL lock_timeout = ${lockTimeout}`
        return before(left, withTransaction(database, `BEGIN READ ONLY; ${settings}`, ask))
      }
      // both leave in one go
      const set = database.script(`SET statement_timeout = ${limit}`)
      const [rows] = await before(left, Promise.all([ask(), set]))
      return rows
    },
  }
}

/** A network that is gone answers no timeout. */
async function before<T>(left: number, answer: Promise<T>): Promise<T> {
  const { promise, reject } = deferred<never>()
  const timer = setTimeout(() => reject(timeUp()), left + GRACE)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}

function timeUp(): OpsError {
  return new OpsError({
    code: 'timeout',
    message: 'The time was up.',
    hint: 'Give it more with --timeout 60s, or look at less with --only.',
  })
}
