import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { blockersOfLock, holdsLock, holdsLockSql, type LockHolder } from '../catalog/locks.ts'
import { OpsError } from '../errors.ts'
import type { Database } from './database.ts'
import { withTransaction } from './transaction.ts'

/** An advisory lock's two keys. The server scopes them to the database by itself. */
export interface LockKey {
  readonly classId: number
  readonly objectId: number
}

export interface LockWait {
  /** Milliseconds; 0 tries once. */
  readonly limit: number
  readonly signal: AbortSignal
  /** Told who holds the lock, once per holder. */
  waiting(holders: readonly LockHolder[]): void
}

const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000
const SPACE = /\s+/g

/** A key from words, so that no two purposes share one by chance. */
export function lockKey(...words: readonly string[]): LockKey {
  const digest = createHash('sha256')
    .update(['drizzle-ops', ...words].join('\0'))
    .digest()
  return { classId: digest.readInt32BE(0), objectId: digest.readInt32BE(4) }
}

/**
 * Runs `work` under a session-level advisory lock. Polls rather than waits in the server: a waiter blocked
 * in pg_advisory_lock deadlocks with the holder's CREATE INDEX CONCURRENTLY (measured, 5 of 5).
 * Throws OpsError `lock-held`, exit 5, once the limit is spent.
 */
export async function withLock<T>(
  database: Database,
  key: LockKey,
  wait: LockWait,
  work: () => Promise<T>,
): Promise<T> {
  await polled(database, key, wait, async () => (await tryLock(database, key, 'session')) || undefined)
  try {
    return await work()
  } finally {
    await database.query`SELECT pg_advisory_unlock(${key.classId}::int, ${key.objectId}::int)`.catch(() => {})
  }
}

/**
 * Runs `work` in a transaction that holds the lock to its end: the only kind that a transaction pooler respects.
 * Waits between transactions, so that no waiter keeps one of the pool's sessions. `settings` are SET LOCALs.
 */
export async function withLockedTransaction<T>(
  database: Database,
  settings: string,
  key: LockKey,
  wait: LockWait,
  work: () => Promise<T>,
): Promise<T> {
  // at a higher level, what `work` reads could be older than the lock
  const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings}`
  const done = await polled(database, key, wait, () =>
    withTransaction(database, begin, async () =>
      (await tryLock(database, key, 'transaction')) ? { result: await work() } : undefined,
    ),
  )
  return done.result
}

/** Throws OpsError `lock-lost` where the session has let go of its lock: pg_advisory_unlock_all() or a pooler's doing. */
export async function confirmLock(database: Database, key: LockKey): Promise<void> {
  if (!(await holdsLock(database, key))) throw lockLost()
}

/** Begins a transaction and confirms the lock in the same round trip, of which a run has hundreds. */
export async function beginUnderLock(database: Database, key: LockKey, begin: string): Promise<void> {
  const results = await database.script(`${begin}; ${holdsLockSql(key)}`)
  const [row] = results.at(-1) as [{ held: boolean }]
  if (row.held) return
  await database.script('ROLLBACK')
  throw lockLost()
}

function lockLost(): OpsError {
  return new OpsError({
    code: 'lock-lost',
    message: 'The migration lock was lost while the command was at work, so it goes no further.',
    hint: 'A statement that ran before released it (pg_advisory_unlock_all, DISCARD ALL), or a pooler changed the session: look at drizzle-ops status, then run the command again.',
  })
}

/** Tries until there is a result. */
async function polled<T>(
  database: Database,
  key: LockKey,
  wait: LockWait,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + wait.limit
  let told = ''
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const result = await attempt()
    if (result !== undefined) return result
    wait.signal.throwIfAborted()
    const holders = await blockersOfLock(database, key)
    if (performance.now() >= deadline) throw lockHeld(holders, wait.limit)
    const pids = holders.map(holder => holder.pid).join()
    if (pids !== told && pids !== '') wait.waiting(holders)
    told = pids
    const jittered = pause * (0.5 + Math.random())
    await sleep(Math.min(jittered, Math.max(deadline - performance.now(), 1)), undefined, {
      signal: wait.signal,
    })
  }
}

async function tryLock(
  database: Database,
  { classId, objectId }: LockKey,
  until: 'session' | 'transaction',
): Promise<boolean> {
  const [row] =
    until === 'session'
      ? await database.query<{ locked: boolean }>`
          SELECT pg_try_advisory_lock(${classId}::int, ${objectId}::int) AS locked`
      : await database.query<{ locked: boolean }>`
          SELECT pg_try_advisory_xact_lock(${classId}::int, ${objectId}::int) AS locked`
  return row?.locked === true
}

/** `pid 4711 (drizzle-ops migrate, active since 10:00:00Z: CREATE INDEX …)` */
export function describeHolder(holder: LockHolder): string {
  const facts = [holder.applicationName || 'no application_name', holder.state ?? 'state not visible']
  const since = holder.since ? ` since ${holder.since}` : ''
  const query = holder.query ? `: ${holder.query.replace(SPACE, ' ').trim()}` : ''
  return `pid ${holder.pid} (${facts.join(', ')}${since}${query})`
}

function lockHeld(holders: readonly LockHolder[], limit: number): OpsError {
  const who = holders.length > 0 ? holders.map(describeHolder).join(', ') : 'a session that has just ended'
  return new OpsError({
    code: 'lock-held',
    message: `Another run holds the migration lock: ${who}. Waited ${limit / 1000}s.`,
    hint: 'Try again when it has finished, or wait longer with --lock-wait 10m.',
    exit: 5,
    known: { holders },
  })
}
