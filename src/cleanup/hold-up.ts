import { replayLag } from '../catalog/replay-lag.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { pause } from './pace.ts'
import type { Limits, StoppedBy, Work } from './work.ts'

/** Milliseconds between two looks at the standbys. */
const LAG_PAUSE = 1000

/** Whether it is time to stop; waits while a standby is too far behind. */
export async function holdUp({ context, database, limits, tally }: Work): Promise<StoppedBy | null> {
  for (let told = false; ; told = true) {
    if (context.signal.aborted) return 'signal'
    if (performance.now() >= limits.deadline) return 'max-time'
    if (tally.deleted >= limits.maxRows) return 'max-rows'
    const { lag } = watchesLag(limits) ? await replayLag(database) : { lag: null }
    if (lag === null || lag * 1000 <= limits.maxLag) return null
    if (!told) context.report.note(`A standby is ${lag.toFixed(1)}s behind; waiting for it.`)
    await pause(LAG_PAUSE, context.signal)
  }
}

/** Says where nobody can be waited for, since nothing is to be seen of them. */
export async function tellOfHiddenStandbys(
  { report }: Context,
  database: Database,
  limits: Limits,
): Promise<void> {
  const { hidden } = watchesLag(limits) ? await replayLag(database) : { hidden: 0 }
  if (hidden > 0)
    report.note(
      `This role does not see how far the standbys are behind, so --max-lag waits for none. As a superuser: GRANT pg_monitor TO ${quoted(database.identity.user)}.`,
    )
}

function watchesLag({ maxLag }: Limits): boolean {
  return Number.isFinite(maxLag)
}
