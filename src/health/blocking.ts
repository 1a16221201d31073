import { type LockWait, lockWaits } from '../catalog/lock-waits.ts'
import type { Backend } from '../catalog/sessions.ts'
import { milliseconds } from '../output/words.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds, worse } from './check.ts'
import { sessionsHere } from './sight.ts'

/** The sessions that wait, directly or not, for one that waits for nobody. */
export interface Jam {
  /** 0 stands for a prepared transaction. https://www.postgresql.org/docs/current/functions-info.html */
  readonly root: number
  readonly waits: readonly LockWait[]
  /** A lock that shuts out readers, with others queued behind it. */
  readonly shutOut: LockWait | undefined
}

/** Waits by who is at their root. */
export function jams(waits: readonly LockWait[]): Jam[] {
  const waiting = new Set(waits.map(({ pid }) => pid))
  const roots = new Set(waits.flatMap(({ blockedBy }) => blockedBy).filter(pid => !waiting.has(pid)))
  return [...roots].map(root => {
    const behind = waitingBehind(root, waits)
    const shutOut = behind.find(
      ({ mode, pid }) => mode === 'AccessExclusiveLock' && waits.some(other => other.blockedBy.includes(pid)),
    )
    return { root, waits: behind, shutOut }
  })
}

function waitingBehind(root: number, waits: readonly LockWait[]): LockWait[] {
  const reached = new Set([root])
  for (let size = 0; size !== reached.size; ) {
    size = reached.size
    for (const { pid, blockedBy } of waits)
      if (blockedBy.some(blocker => reached.has(blocker))) reached.add(pid)
  }
  return waits.filter(({ pid }) => reached.has(pid))
}

/** Locks that are waited for, and who is to blame: works for every role, which only may not see who that is. */
export const blockedSessions: Check = {
  id: 'blocked-sessions',
  thresholds: { warn: 60, critical: 120 },
  async run(subject, thresholds) {
    const sessions = await sessionsHere(subject)
    const here = new Map(sessions.map(session => [session.pid, session]))
    const waits = (await lockWaits(subject.database)).filter(({ pid }) => here.has(pid))
    const found = jams(waits).map(jam => jammed(jam, here, thresholds))
    return orOk(found, 'No session waits for a lock.')
  },
}

function jammed(
  { root, waits, shutOut }: Jam,
  sessions: ReadonlyMap<number, Backend>,
  thresholds: Thresholds,
): Finding {
  const seconds = Math.max(...waits.map(({ waitMs }) => waitMs ?? 0)) / 1000
  const status = worse(judgeValue(seconds, thresholds), shutOut ? 'warn' : 'ok')
  const blocker = sessions.get(root)
  const wait = `${waits.length === 1 ? '1 session waits' : `${waits.length} sessions wait`} for ${milliseconds(seconds * 1000)} now behind ${told(root, blocker)}`
  const queue = shutOut
    ? ` Process ${shutOut.pid} wants ${shutOut.relation ?? 'a relation'} for itself (ACCESS EXCLUSIVE), and everyone who needs it queues behind that.`
    : ''
  return finding(status, `${wait}.${queue}`, {
    object: (shutOut ?? waits[0])?.relation ?? null,
    value: seconds,
    unit: 's',
    thresholds,
    fix: status === 'ok' ? null : remedyFor(root, blocker),
    evidence: waits.map(wait => ({
      ...wait,
      user: sessions.get(wait.pid)?.user ?? null,
      query: sessions.get(wait.pid)?.query ?? null,
    })),
  })
}

/** `process 4711 (user app, application "worker", idle in transaction since 40s)` */
export function told(pid: number, session: Backend | undefined): string {
  if (pid === 0) return 'a prepared transaction'
  if (!session) return `process ${pid}`
  const age = session.transactionMs ?? session.stateMs
  const state = session.state ?? 'state not visible'
  const facts = [
    ...(session.user ? [`user ${session.user}`] : []),
    ...(session.application ? [`application ${session.application}`] : []),
    age === null ? state : `${state}, for ${milliseconds(age)}`,
  ]
  return `process ${pid} (${facts.join(', ')})`
}

/** A session that does nothing cannot be cancelled, only ended. */
function remedyFor(root: number, blocker: Backend | undefined): string {
  if (root === 0) return 'SELECT * FROM pg_prepared_xacts; then COMMIT PREPARED or ROLLBACK PREPARED.'
  return blocker?.state === 'active'
    ? `SELECT pg_cancel_backend(${root});`
    : `SELECT pg_terminate_backend(${root});`
}
