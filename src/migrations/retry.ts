import { setTimeout as sleep } from 'node:timers/promises'
import { blockersOf } from '../catalog/blockers.ts'
import type { LockHolder } from '../catalog/locks.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { describeHolder } from '../database/lock.ts'
import { altered, OpsError } from '../errors.ts'
import { explain, serverError } from '../explain.ts'

/** lock_not_available, deadlock_detected */
const WORTH_RETRYING = ['55P03', '40P01']
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000
const WATCH_PAUSE = 50

/**
 * Tries again what met a lock, until `lockWait` milliseconds are over. Short waits and many tries: whoever waits in
 * line for a lock stops everyone behind (3.9 s against 0.2 s, measured). From the second try on a watcher looks who
 * is in the way, so that giving up can name them.
 */
export async function retried<T>(
  context: Context,
  database: Database,
  lockWait: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + lockWait
  try {
    return await work()
  } catch (error) {
    if (!metLock(error)) throw error
    if (lockWait > 0)
      context.report.note(`Another session holds a lock; trying again for ${lockWait / 1000}s (--lock-wait)`)
    context.report.progress('Waiting for a lock')
    return watched(context, database, watcher => triedUntil(deadline, context, watcher, database, work))
  }
}

/** With a watcher where there is a connection left for one: who has none can wait all the same. */
async function watched<T>(
  context: Context,
  database: Database,
  work: (watcher: Database | undefined) => Promise<T>,
): Promise<T> {
  let begun = false
  try {
    return await database.beside(watcher => {
      begun = true
      return work(watcher)
    })
  } catch (error) {
    if (begun || context.signal.aborted) throw error
    return work(undefined)
  }
}

async function triedUntil<T>(
  deadline: number,
  context: Context,
  watcher: Database | undefined,
  database: Database,
  work: () => Promise<T>,
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const jittered = pause * (0.5 + Math.random())
    await sleep(Math.min(jittered, Math.max(deadline - performance.now(), 0)), undefined, {
      signal: context.signal,
    })
    const watch = watchBlockers(watcher, database.server.pid)
    try {
      return await work()
    } catch (error) {
      if (!metLock(error)) throw error
      if (performance.now() > deadline) throw givenUp(error, await watch.stop())
    } finally {
      await watch.stop()
    }
  }
}

/** Looks again and again who blocks a backend; gives those it saw last. */
function watchBlockers(
  watcher: Database | undefined,
  pid: number,
): { stop(): Promise<readonly LockHolder[]> } {
  const stopped = new AbortController()
  let seen: readonly LockHolder[] = []
  const watching = (async () => {
    while (watcher && !stopped.signal.aborted) {
      const blockers = await blockersOf(watcher, pid)
      if (blockers.length > 0) seen = blockers
      await sleep(WATCH_PAUSE, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      // what cannot be seen is not named; the work itself tells what went wrong
      await watching.catch(() => {})
      return seen
    },
  }
}

function metLock(error: unknown): boolean {
  return WORTH_RETRYING.includes(serverError(error)?.code ?? '')
}

function givenUp(error: unknown, blockers: readonly LockHolder[]): unknown {
  const explained = explain(error)
  if (!(explained instanceof OpsError) || blockers.length === 0) return explained
  return altered(explained, {
    message: `${explained.message} Blocked by ${blockers.map(describeHolder).join(', ')}.`,
    known: { ...explained.known, blockers },
  })
}
