import { setTimeout as sleep } from 'node:timers/promises'
import { databaseOverview, transactionsSoFar } from '../../catalog/database-overview.ts'
import type { Database } from '../../database/database.ts'
import { withTransaction } from '../../database/transaction.ts'
import { columns } from '../columns.ts'
import { MINUTE, type StatsReport } from '../report.ts'

export const overviewReport: StatsReport = {
  name: 'overview',
  summary: 'the database at a glance',
  reads: ['pg_stat_database', 'pg_class'],
  needs: null,
  settlesAfter: 15 * MINUTE,
  identity: [],
  counters: ['commits', 'rollbacks', 'deadlocks', 'tempBytes'],
  columns: [
    ...columns(
      'bytes',
      'tables',
      'indexes',
      'rows',
      'unanalysed',
      'transactionsPerSecond',
      'commits',
      'rollbacks',
    ),
    ...columns('cacheHitRatio', 'tempBytes', 'deadlocks', 'uptimeMs', 'version', 'role', 'encoding'),
  ],
  ask: async ({ database, scope, flags }) => {
    const overview = await databaseOverview(database, scope)
    const { version, inRecovery } = database.server
    const row = {
      ...overview,
      // behind a transaction pooler our own transactions would be counted with the others
      transactionsPerSecond:
        flags.sample > 0 && database.server.pooler !== 'transaction'
          ? await pace(database, flags.sample)
          : null,
      version,
      role: inRecovery ? 'standby' : 'primary',
    }
    return { rows: [row] }
  },
}

/** Within one transaction, so that what we ask is not what we count: a session's own count only between its transactions. */
async function pace(database: Database, ms: number): Promise<number> {
  return withTransaction(database, 'BEGIN READ ONLY', async () => {
    const before = await transactionsSoFar(database)
    await sleep(ms)
    await database.script('SELECT pg_stat_clear_snapshot()')
    const after = await transactionsSoFar(database)
    return (1000 * Math.max(after.count - before.count, 0)) / (after.at - before.at)
  })
}
