import type { LockWait } from '../catalog/lock-waits.ts'
import type { Backend } from '../catalog/sessions.ts'

/** A session in a queue for locks: first the one that holds up all the others, then those behind it. */
export interface Blocked {
  /** 0 waits for nobody. */
  readonly depth: number
  readonly pid: number
  /** How many wait for it, directly or behind others. */
  readonly blocks: number
  readonly blockedBy: readonly number[]
  readonly user: string | null
  readonly application: string | null
  readonly state: string | null
  readonly relation: string | null
  /** The lock that it waits for. */
  readonly mode: string | null
  readonly waitMs: number | null
  readonly transactionMs: number | null
  readonly stateMs: number | null
  readonly query: string | null
}

/** What a prepared transaction, which has no process, is reported as by pg_blocking_pids. */
export const PREPARED = 0

/** Those who wait for locks as trees in depth-first order. A session that waits for several stands behind one that waits itself. */
export function blockingTree(waits: readonly LockWait[], sessions: readonly Backend[]): Blocked[] {
  const waitOf = new Map(waits.map(wait => [wait.pid, wait]))
  const sessionOf = new Map(sessions.map(session => [session.pid, session]))
  const behind = (pid: number) =>
    waits.filter(({ blockedBy }) => (blockedBy.find(each => waitOf.has(each)) ?? blockedBy[0]) === pid)
  const seen = new Set<number>()
  const walk = (pid: number, depth: number): Blocked[] => {
    if (seen.has(pid)) return []
    seen.add(pid)
    const followers = behind(pid).flatMap(follower => walk(follower.pid, depth + 1))
    return [
      { depth, pid, blocks: followers.length, ...factsOf(waitOf.get(pid), sessionOf.get(pid)) },
      ...followers,
    ]
  }
  const holders = waits.flatMap(({ blockedBy }) => blockedBy).filter(pid => !waitOf.has(pid))
  // sessions that wait for each other have nobody at their head until the server breaks the deadlock
  return [
    ...new Set(holders),
    ...waits.filter(({ blockedBy }) => blockedBy.length > 0).map(({ pid }) => pid),
  ].flatMap(pid => walk(pid, 0))
}

function factsOf(wait: LockWait | undefined, session: Backend | undefined) {
  return {
    blockedBy: wait?.blockedBy ?? [],
    user: session?.user ?? null,
    application: session?.application ?? null,
    state: session?.state ?? null,
    relation: wait?.relation ?? null,
    mode: wait?.mode ?? null,
    waitMs: wait?.waitMs ?? null,
    transactionMs: session?.transactionMs ?? null,
    stateMs: session?.stateMs ?? null,
    query: session?.query ?? null,
  }
}
