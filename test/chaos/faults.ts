import { withoutBouncer } from '../support/bouncer.ts'
import { atOnce, oneKilled } from './at-once.ts'
import { cutOff, interrupted } from './interrupted.ts'
import * as journal from './journal.ts'
import { idleHolder, lockedForAWhile, lockedTable, waiterBesideIndex } from './locked.ts'
import { counting, inTransactions, outsideTransactions } from './migrations.ts'
import { behindBouncer, refusedBehindBouncer } from './pooled.ts'
import * as refused from './refused.ts'
import type { Play } from './round.ts'

/** What may happen to a run, and how often it is tried. */
export interface Fault {
  readonly id: string
  /** In the words of the table. */
  readonly name: string
  readonly rounds: number
  readonly play: Play
  /** It takes the server away from everybody else. */
  readonly ownServer?: boolean
  /** drizzle-kit has nothing that it could be tried on. */
  readonly oursAlone?: boolean
  /** Why it cannot be tried here. */
  unavailable?(): string | undefined
}

export const faults: readonly Fault[] = [
  {
    id: 'fresh',
    name: '8 runners at once, fresh database',
    rounds: 12,
    play: atOnce({ runners: 8, migrations: inTransactions }),
  },
  {
    id: 'pending',
    name: '8 runners at once, one data migration pending',
    rounds: 12,
    play: atOnce({ runners: 8, migrations: counting(2), before: 2 }),
  },
  {
    id: 'online',
    name: '8 runners at once, file outside a transaction',
    rounds: 6,
    play: atOnce({ runners: 8, migrations: outsideTransactions }),
  },
  {
    id: 'one-killed',
    name: '4 runners at once, one of them killed',
    rounds: 8,
    play: oneKilled({ runners: 4, migrations: inTransactions }),
  },
  {
    id: 'kill',
    name: 'SIGKILL, file in a transaction',
    rounds: 14,
    play: interrupted('SIGKILL', inTransactions),
  },
  {
    id: 'kill-online',
    name: 'SIGKILL, file outside a transaction',
    rounds: 20,
    play: interrupted('SIGKILL', outsideTransactions),
  },
  {
    id: 'term',
    name: 'SIGTERM, file in a transaction',
    rounds: 10,
    play: interrupted('SIGTERM', inTransactions),
  },
  {
    id: 'term-online',
    name: 'SIGTERM, file outside a transaction',
    rounds: 14,
    play: interrupted('SIGTERM', outsideTransactions),
  },
  {
    id: 'terminate',
    name: 'pg_terminate_backend, file in a transaction',
    rounds: 10,
    play: interrupted('terminate', inTransactions),
  },
  {
    id: 'terminate-online',
    name: 'pg_terminate_backend, file outside a transaction',
    rounds: 14,
    play: interrupted('terminate', outsideTransactions),
  },
  {
    id: 'restart',
    name: 'server crash and restart, file in a transaction',
    rounds: 8,
    play: interrupted('restart', inTransactions),
    ownServer: true,
  },
  {
    id: 'restart-online',
    name: 'server crash and restart, file outside a transaction',
    rounds: 10,
    play: interrupted('restart', outsideTransactions),
    ownServer: true,
  },
  { id: 'cut', name: 'connection cut, file in a transaction', rounds: 16, play: cutOff(inTransactions) },
  {
    id: 'cut-online',
    name: 'connection cut, file outside a transaction',
    rounds: 24,
    play: cutOff(outsideTransactions),
  },
  {
    id: 'waiter',
    name: 'a second runner during CREATE INDEX CONCURRENTLY',
    rounds: 6,
    play: waiterBesideIndex,
  },
  {
    id: 'idle-holder',
    name: "runner's lock held by an idle session",
    rounds: 5,
    play: idleHolder,
    oursAlone: true,
  },
  {
    id: 'locked-table',
    name: 'idle reader of the table, for longer than the run waits',
    rounds: 5,
    play: lockedTable,
    oursAlone: true,
  },
  { id: 'locked-a-while', name: 'idle reader of the table, for a while', rounds: 5, play: lockedForAWhile },
  {
    id: 'bouncer',
    name: '4 runners at once behind PgBouncer (transaction mode)',
    rounds: 8,
    play: behindBouncer(port => atOnce({ runners: 4, migrations: inTransactions, port })),
    unavailable: withoutBouncer,
  },
  {
    id: 'bouncer-kill',
    name: 'SIGKILL behind PgBouncer',
    rounds: 8,
    play: behindBouncer(port => interrupted('SIGKILL', inTransactions, port)),
    unavailable: withoutBouncer,
  },
  {
    id: 'bouncer-online',
    name: 'file outside a transaction behind PgBouncer',
    rounds: 3,
    play: refusedBehindBouncer,
    oursAlone: true,
    unavailable: withoutBouncer,
  },
  { id: 'read-only', name: 'read-only database', rounds: 4, play: refused.readOnly },
  { id: 'standby', name: 'standby, then promoted', rounds: 3, play: refused.standby },
  { id: 'without-create', name: 'role without CREATE', rounds: 5, play: refused.withoutCreate },
  { id: 'late', name: 'journal: late after a merge', rounds: 5, play: journal.late },
  { id: 'edited', name: 'journal: applied file edited', rounds: 5, play: journal.edited },
  { id: 'missing', name: 'journal: applied file missing', rounds: 5, play: journal.missing },
  { id: 'same-moment', name: 'journal: same when twice, fresh', rounds: 4, play: journal.sameMoment },
  {
    id: 'same-later',
    name: 'journal: same when twice, one applied',
    rounds: 5,
    play: journal.sameMomentLater,
  },
  { id: 'future', name: 'journal: stamped in the future', rounds: 5, play: journal.future },
  { id: 'null', name: 'journal: row without created_at', rounds: 5, play: journal.withoutMoment },
]
