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

/** A pool without a free session lets a second connection wait. */
const PATIENCE = 2000
/** Others use the pool too and may shuffle its sessions so that one round shows nothing. */
const ROUNDS = 3

/**
 * A pooler answers the start-up in the server's place and announces a process id of its own, which is not
 * the one that `pg_backend_pid()` then gives.
 */
export async function findPooler(connection: Connection, target: Target, context: Context): Promise<Pooler> {
  const announcesItself = connection.announcedPid !== connection.facts.pid
  const hinted = looksPooled(connection.address)
  if (announcesItself && hinted) return 'transaction'
  if (!announcesItself && !hinted) return 'none'
  if (await sharesSessions(connection, target, context)) return 'transaction'
  return announcesItself ? 'session' : 'none'
}

/**
 * Whether two connections meet in one session, or one of them changes its own: transaction pooling. Where there is
 * no second connection to be had, it is taken for that: what is safe there is safe everywhere.
 */
async function sharesSessions(connection: Connection, target: Target, context: Context): Promise<boolean> {
  const second = await connectAgain(target, context)
  if (!second) return true
  try {
    if (second.facts.pid === connection.facts.pid) return true
    for (let round = 0; round < ROUNDS; round += 1) {
      // twice in a row, because a pool may hand out its sessions in turn
      for (const each of [connection, connection, second]) {
        if ((await pidOf(each)) !== each.facts.pid) return true
      }
    }
    return false
  } finally {
    await second.close()
  }
}

async function connectAgain(target: Target, context: Context): Promise<Connection | undefined> {
  try {
    return await connect(target, {
      applicationName: 'drizzle-ops pooler check',
      timeout: Math.min(PATIENCE, context.globals.connectTimeout),
      signal: context.signal,
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    return undefined
  }
}

async function pidOf({ sql }: Connection): Promise<number> {
  const [{ pid }] = await sql<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
  return pid
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
