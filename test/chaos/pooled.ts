import { refuses, untilDone } from './aftermath.ts'
import { outsideTransactions } from './migrations.ts'
import { startBouncer } from './pgbouncer.ts'
import type { Play } from './round.ts'

/** What is played through a pooler of its own. */
export function behindBouncer(play: (port: number) => Play): Play {
  return async round => {
    const bouncer = await startBouncer(round.server)
    try {
      return await play(bouncer.port)(round)
    } finally {
      await bouncer.stop()
    }
  }
}

/** What needs one session is refused there, and runs on the direct way. */
export const refusedBehindBouncer: Play = behindBouncer(port => async round => {
  const here = round.project(outsideTransactions)
  const refused = await refuses(round, here, { exit: 1, code: 'pooler', port })
  return [...refused, ...(await untilDone(round, here, outsideTransactions))]
})
