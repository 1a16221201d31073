import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { blockersOfLock, type LockHolder } from '../catalog/locks.ts'
import { OpsError } from '../errors.ts'
import type { Database } from './database.ts'

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
  await acquire(database, key, wait, 'pg_try_advisory_lock')
  try {
    return await work()
  } finally {
    await database.query`SELECT pg_advisory_unlock(${key.classId}::int, ${key.objectId}::int)`.catch(() => {})
  }
}

/** Takes the lock for the current transaction: the only kind that a transaction pooler respects. */
export async function lockTransaction(database: Database, key: LockKey, wait: LockWait): Promise<void> {
  await acquire(database, key, wait, 'pg_try_advisory_xact_lock')
}

async function acquire(
  database: Database,
  key: LockKey,
  wait: LockWait,
  method: 'pg_try_advisory_lock' | 'pg_try_advisory_xact_lock',
): Promise<void> {
  const deadline = performance.now() + wait.limit
  let told = ''
  for (
    let pause = FIRST_PAUSE;
    !(await tryLock(database, key, method));
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  ) {
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

async function tryLock(database: Database, { classId, objectId }: LockKey, method: string): Promise<boolean> {
  const [row] = await database.query<{ locked: boolean }>`
    SELECT ${database.sql(method)}(${classId}::int, ${objectId}::int) AS locked`
  return row?.locked === true
}

/** `pid 4711 (drizzle-ops migrate, active since 10:00:00Z: CREATE INDEX …)` */
export function describeHolder(holder: LockHolder): string {
  const facts = [holder.applicationName || 'no application_name', holder.state ?? 'state not visible']
  const since = holder.since ? ` since ${holder.since}` : ''
  return `pid ${holder.pid} (${facts.join(', ')}${since}${holder.query ? `: ${holder.query}` : ''})`
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
