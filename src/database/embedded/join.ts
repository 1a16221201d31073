import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { OpsError } from '../../errors.ts'
import { ensureCluster, readPassword, wrongPassword } from './cluster.ts'
import { dataDirectoryOf, type Home } from './home.ts'
import { type Installation, install } from './installation.ts'
import { readLog } from './log.ts'
import { freePort, isFree } from './port.ts'
import { findPostmaster, type Postmaster } from './postmaster.ts'
import { isPassing, isWrongPassword, openSession, readVersion, waitForLeavers } from './session.ts'
import { couldNotStart, startServer } from './start.ts'
import { readLastPort } from './url.ts'

/** Milliseconds for a server to come up, after crash recovery or while other commands come and go. */
const patience = 30_000

/** Milliseconds between two attempts: at first, at last, and how they grow. */
const pause = { first: 5, last: 100, growth: 1.1 }

/** A session on a running server, which keeps it up. */
export interface Joined {
  readonly sql: Sql
  readonly port: number
  readonly password: string
  readonly version: string
}

interface Attempt {
  readonly home: Home
  readonly install: () => Promise<Installation>
  readonly password: string
  readonly port: number | undefined
  readonly deadline: number
}

/**
 * Joins the server of a home, and starts it where none runs. There are no locks: postgres lets one server
 * per data directory live, and whoever finds it starting, stopping or dying tries again.
 *
 * @throws OpsError `embedded-start`, `embedded-port`, `embedded-password` and those of `install`.
 */
export async function joinServer(projectRoot: string, home: Home, port?: number): Promise<Joined> {
  const once = lazily(() => install(projectRoot, home))
  await ensureCluster(home, once)
  const password = await readPassword(home)
  const deadline = Date.now() + patience
  for (let wait = pause.first; Date.now() < deadline; wait = Math.min(wait * pause.growth, pause.last)) {
    const joined = await tryToJoin({ home, install: once, password, port, deadline })
    if (joined) return joined
    await sleep(wait)
  }
  throw couldNotStart(home, `did not come up within ${patience / 1000} seconds`, await readLog(home))
}

/** Undefined where the server comes or goes. */
async function tryToJoin(attempt: Attempt): Promise<Joined | undefined> {
  const server = (await findPostmaster(dataDirectoryOf(attempt.home))) ?? (await start(attempt))
  if (server?.status !== 'ready' || server.port === undefined) return undefined
  const sql = openSession(server.port, attempt.password)
  const version = await stay(sql, server, attempt)
  if (version !== undefined) return { sql, port: server.port, password: attempt.password, version }
  await sql.end({ timeout: 0 })
  return undefined
}

async function start({ home, install, port, deadline }: Attempt): Promise<Postmaster | undefined> {
  await startServer(home, await install(), { port: await choosePort(home, port), deadline })
  return findPostmaster(dataDirectoryOf(home))
}

/**
 * The server's version where the server is sure to stay: nobody is leaving who may have overlooked this
 * session, and nobody has just left with the order to stop, since leavers go after the file says so.
 */
async function stay(sql: Sql, server: Postmaster, { home, deadline }: Attempt): Promise<string | undefined> {
  try {
    const version = await readVersion(sql)
    await waitForLeavers(sql, deadline)
    const now = await findPostmaster(dataDirectoryOf(home))
    return now?.pid === server.pid && now.status === 'ready' ? version : undefined
  } catch (error) {
    if (isPassing(error)) return undefined
    await sql.end({ timeout: 0 })
    throw isWrongPassword(error) ? wrongPassword(home) : error
  }
}

/** The port asked for, or that of the last time, so that a copied URL keeps working, or any. */
async function choosePort(home: Home, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort(await readLastPort(home))
  // Taken by the very server that another command has just started: ours will give way to it.
  if ((await isFree(wanted)) || (await findPostmaster(dataDirectoryOf(home)))) return wanted
  throw new OpsError({
    code: 'embedded-port',
    exit: 2,
    message: `The embedded PostgreSQL server cannot listen at port ${wanted}, which is taken or forbidden.`,
    hint: 'Give another port, or none.',
  })
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
