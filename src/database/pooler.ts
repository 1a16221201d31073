import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Address, Target } from '../project/target.ts'
import { type Connection, connect } from './connect.ts'

/**
 * What stands between us and the server. Behind a `transaction` pooler each transaction may run in another
 * session, so SET and session locks reach strangers; a `session` pooler keeps one for us.
 */
export type Pooler = 'none' | 'session' | 'transaction'

/** The ports and host names under which providers offer transaction pooling: Supabase 6543, Neon `-pooler`. */
function looksPooled({ host, port }: Address): boolean {
  return port === 6543 || host.split('.')[0]?.endsWith('-pooler') === true
}

/**
 * A pooler answers the start-up in the server's place and announces a process id of its own, which is not
 * the one that `pg_backend_pid()` then gives. A second connection that lands in the first one's session
 * proves transaction pooling.
 */
export async function findPooler(connection: Connection, target: Target, context: Context): Promise<Pooler> {
  if (connection.announcedPid === connection.facts.pid) return 'none'
  if (looksPooled(connection.address)) return 'transaction'
  const second = await connect(target, {
    applicationName: 'drizzle-ops pooler check',
    timeout: context.globals.connectTimeout,
    signal: context.signal,
  })
  try {
    const [first] = await connection.sql<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
    const shared = second.facts.pid === connection.facts.pid || first.pid !== connection.facts.pid
    return shared ? 'transaction' : 'session'
  } finally {
    await second.close()
  }
}

/** Thrown where the work needs one session from beginning to end. */
export function sessionNeeded(work: string): OpsError {
  return new OpsError({
    code: 'pooler',
    message: `${work} needs one session from beginning to end, and this URL leads through a transaction pooler.`,
    hint: 'Give the direct URL: ops.migrationUrl in drizzle.config.ts, or --url-env DIRECT_URL.',
    exit: 1,
  })
}
