import { heldLocks } from '../../catalog/held-locks.ts'
import { lockWaits } from '../../catalog/lock-waits.ts'
import { sessions } from '../../catalog/sessions.ts'
import { type Blocked, blockingTree, PREPARED } from '../blocking.ts'
import { columns, minor } from '../columns.ts'
import type { Note, StatsReport } from '../report.ts'
import { hidden } from '../rights.ts'

const NEEDS = 'pg_read_all_stats for who the others are and what they run'

/** Who waits for whom. */
export const lockReports: readonly StatsReport[] = [
  {
    name: 'locks',
    summary: 'which locks are waited for, and which keep everybody else out (--all: every lock)',
    reads: ['pg_locks', 'pg_stat_activity'],
    needs: NEEDS,
    columns: [
      ...columns('pid', 'mode', 'granted', 'schema', 'table', 'waitMs'),
      ...minor('kind', 'user', 'application', 'state', 'transactionMs', 'query'),
    ],
    ask: async ({ database, rights, flags }) => {
      const locks = await heldLocks(database)
      const rows = flags.all
        ? locks
        : locks.filter(({ granted, mode }) => !granted || mode === 'AccessExclusiveLock')
      const unseen = new Set(rows.filter(({ state }) => state === null).map(({ pid }) => pid)).size
      return {
        rows: flags.query ? rows : rows.map(row => ({ ...row, query: null })),
        notes: hidden(rights.allStats, database, unseen, 'session'),
      }
    },
  },
  {
    name: 'blocking',
    summary: 'who holds up whom, from the session at the head of the queue',
    reads: ['pg_locks', 'pg_blocking_pids()', 'pg_stat_activity'],
    needs: NEEDS,
    columns: [
      ...columns('depth', 'pid', 'blocks', 'application', 'state', 'waitMs', 'relation', 'query'),
      ...minor('mode', 'user', 'transactionMs', 'stateMs', 'blockedBy'),
    ],
    ask: async ({ database, rights, flags }) => {
      const everyone = await sessions(database)
      const rows = blockingTree(await lockWaits(database), everyone)
      const involved = new Set(rows.map(({ pid }) => pid))
      const unseen = everyone.filter(session => session.hidden && involved.has(session.pid)).length
      return {
        rows: flags.query ? rows : rows.map(row => ({ ...row, query: null })),
        notes: [
          ...rows.filter(({ depth }) => depth === 0).map(wayOut),
          ...hidden(rights.allStats, database, unseen, 'session'),
        ],
      }
    },
  },
]

function wayOut({ pid, blocks, application, state }: Blocked): Note {
  const others = blocks === 1 ? '1 session waits' : `${blocks} sessions wait`
  if (pid === PREPARED) {
    return {
      message: `${others} for a prepared transaction.`,
      fix: "SELECT gid, prepared FROM pg_prepared_xacts; then COMMIT PREPARED or ROLLBACK PREPARED '<gid>';",
    }
  }
  const who = [application, state].filter(Boolean).join(', ')
  return {
    message: `${others} for ${pid}${who ? ` (${who})` : ''}.`,
    // a session that runs nothing has nothing to cancel
    fix: `drizzle-ops cancel ${pid}${state?.startsWith('idle') ? ' --terminate' : ''}`,
  }
}
