import { setTimeout as sleep } from 'node:timers/promises'
import { blockedBy, cancelBackend } from '../catalog/lock-activity.ts'
import type { LockHolder } from '../catalog/locks.ts'
import type { Database } from '../database/database.ts'
import { describeHolder } from '../database/lock.ts'
import { OpsError } from '../errors.ts'

const PAUSE = 50

/** Looks without pause whether a backend is in anybody's way. */
export interface Watch {
  /** Throws OpsError `rehearsal-blocks`, exit 5, once it was, and what kept the watch from looking. */
  confirm(): void
  stop(): Promise<void>
}

/** Cancels what the backend does as soon as another session waits for it. */
export function watchBlocked(watcher: Database, pid: number): Watch {
  const stopped = new AbortController()
  let blocked: readonly LockHolder[] = []
  let failure: unknown
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const waiting = await blockedBy(watcher, pid)
      if (waiting.length > 0) {
        blocked = blocked.length > 0 ? blocked : waiting
        await cancelBackend(watcher, pid)
      }
      await sleep(PAUSE, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })().catch(error => {
    failure = error
  })
  return {
    confirm: () => {
      if (blocked.length > 0) throw rehearsalBlocks(blocked)
      if (failure) throw failure
    },
    stop: async () => {
      stopped.abort()
      await watching
    },
  }
}

function rehearsalBlocks(blocked: readonly LockHolder[]): OpsError {
  return new OpsError({
    code: 'rehearsal-blocks',
    message: `The rehearsal was given up, because it held up ${blocked.map(describeHolder).join(', ')}.`,
    hint: 'Everything was rolled back. Rehearse at a quieter hour, or on a copy of the database.',
    exit: 5,
    known: { blocked },
  })
}
