import { startBouncer } from '../support/bouncer.ts'
import { refuses, untilDone } from './aftermath.ts'
import { outsideTransactions } from './migrations.ts'
import type { Play } from './round.ts'

/** Fewer than the runners that meet there. */
const SESSIONS = 3

/** What is played through a pooler of its own, which hands its sessions out in turn. */
export function behindBouncer(play: (port: number) => Play): Play {
  return async round => {
    const { host, port } = round.server
    const bouncer = await startBouncer({ host, port, mode: 'transaction', size: SESSIONS, roundRobin: true })
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
