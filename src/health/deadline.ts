import type { Database } from '../database/database.ts'
import { settingsWithin } from '../database/settings.ts'
import { deferred } from '../database/socket.ts'
import { withTransaction } from '../database/transaction.ts'
import { OpsError } from '../errors.ts'

/** What the server's own answer to the timeout may need to arrive. */
const GRACE = 500
/** How far beyond the deadline the server's own timeout may lie: less is not worth a statement before each question. */
const SLACK = 250

/**
 * The same connection, on which nothing runs beyond `deadline`, of performance.now(). Behind a transaction pooler
 * each statement gets a transaction of its own, in which alone it may have settings.
 */
export function withinDeadline(database: Database, deadline: number): Database {
  const { statementTimeout } = database.settings
  let inForce = statementTimeout > 0 ? statementTimeout : Number.POSITIVE_INFINITY
  return {
    ...database,
    async query<Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) {
      const left = Math.ceil(deadline - performance.now())
      if (left <= 0) throw timeUp()
      const ask = () => database.query<Row>(strings, ...values)
      if (database.server.pooler === 'transaction') {
        const settings = { ...database.settings, statementTimeout: Math.min(left, inForce) }
        const begin = `BEGIN READ ONLY; ${settingsWithin({ ...database, settings })}`
        return before(left, withTransaction(database, begin, ask))
      }
      if (inForce <= left + SLACK) return before(left, ask())
      inForce = left
      return before(left, database.script(`SET statement_timeout = ${left}`).then(ask))
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
