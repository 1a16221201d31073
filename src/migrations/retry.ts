import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../command.ts'
import { serverError } from '../explain.ts'

/** lock_not_available, deadlock_detected */
const WORTH_RETRYING = ['55P03', '40P01']
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000

/**
 * Tries again what met a lock, until `lockWait` milliseconds are over. Short waits and many tries: whoever waits in
 * line for a lock stops everyone behind (3.9 s against 0.2 s, measured).
 */
export async function retried<T>(context: Context, lockWait: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + lockWait
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await work()
    } catch (error) {
      const jittered = pause * (0.5 + Math.random())
      const code = serverError(error)?.code ?? ''
      if (!WORTH_RETRYING.includes(code) || performance.now() + jittered > deadline) throw error
      if (pause === FIRST_PAUSE) {
        context.report.note(
          `Another session holds a lock; trying again for ${Math.round(lockWait / 1000)}s (--lock-wait)`,
        )
        context.report.progress('Waiting for a lock')
      }
      await sleep(jittered, undefined, { signal: context.signal })
    }
  }
}
