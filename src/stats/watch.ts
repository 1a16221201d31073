import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../command.ts'
import { type Look, nextLook } from './deltas.ts'
import type { StatsReport } from './report.ts'
import type { StatsResult } from './run.ts'

/** Looks again and again, until a signal comes or nobody reads any more: both are the ordinary end. */
export async function watch(
  { signal, refresh }: Context,
  report: StatsReport,
  interval: number,
  ask: () => Promise<StatsResult>,
): Promise<void> {
  let look: Look | undefined
  while (!signal.aborted) {
    const started = performance.now()
    const result = await unlessStopped(signal, ask)
    if (!result) return
    look = nextLook(report, result, look)
    if (!(await refresh(look.result))) return
    const rest = Math.max(interval - (performance.now() - started), 0)
    await sleep(rest, undefined, { signal }).catch(() => {})
  }
}

/** A signal cancels the statement that is on its way, and that is no failure here. */
async function unlessStopped<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
