import { replayLag } from '../catalog/replay-lag.ts'
import { pause } from './pace.ts'
import type { StoppedBy, Work } from './work.ts'

/** Milliseconds between two looks at the standbys. */
const LAG_PAUSE = 1000

/** Whether it is time to stop; waits while a standby is too far behind. */
export async function holdUp({ context, database, limits, tally }: Work): Promise<StoppedBy | null> {
  for (let told = false; ; told = true) {
    if (context.signal.aborted) return 'signal'
    if (performance.now() >= limits.deadline) return 'max-time'
    if (tally.deleted >= limits.maxRows) return 'max-rows'
    const lag = Number.isFinite(limits.maxLag) ? await replayLag(database) : null
    if (lag === null || lag * 1000 <= limits.maxLag) return null
    if (!told) context.report.note(`A standby is ${lag.toFixed(1)}s behind; waiting for it.`)
    await pause(LAG_PAUSE, context.signal)
  }
}
