import type { StatementUse } from '../../catalog/statements.ts'
import { barred, columns, minor } from '../columns.ts'
import { DAY, type Note, type Question, type Ranking, type StatsReport } from '../report.ts'
import { hidden } from '../rights.ts'
import { countedStatements } from '../statements.ts'

const NEEDS = 'the extension pg_stat_statements; pg_read_all_stats for the statements of other roles'

const RANKED: Readonly<Record<Ranking, (use: StatementUse) => number>> = {
  total: use => use.totalMs,
  mean: use => use.meanMs,
  calls: use => use.calls,
  rows: use => use.rows,
  io: use => use.readBlocks + use.writtenBlocks,
  temp: use => use.tempBlocks,
  wal: use => use.walBytes,
  stddev: use => use.stddevMs,
}

/** What pg_stat_statements has counted. */
export const queryReports: readonly StatsReport[] = [
  {
    name: 'top-queries',
    summary: 'which statements take the most time (or --by calls, rows, io, temp, wal, mean, stddev)',
    reads: ['pg_stat_statements'],
    needs: NEEDS,
    settlesAfter: DAY,
    limit: 20,
    identity: ['queryId', 'user', 'toplevel'],
    counters: ['calls', 'totalMs', 'rows'],
    columns: [
      ...columns('calls', 'totalMs', 'meanMs'),
      ...barred('timeRatio'),
      ...columns('rows', 'query'),
      ...minor(
        'user',
        'stddevMs',
        'hitBlocks',
        'readBlocks',
        'writtenBlocks',
        'tempBlocks',
        'walBytes',
        'queryId',
      ),
    ],
    ask: question =>
      asked(question, uses =>
        uses.toSorted((a, b) => RANKED[question.flags.by](b) - RANKED[question.flags.by](a)),
      ),
  },
  {
    name: 'query-io',
    summary: 'which statements wait for the disk',
    reads: ['pg_stat_statements'],
    needs: `${NEEDS}; track_io_timing for times`,
    settlesAfter: DAY,
    limit: 20,
    identity: ['queryId', 'user', 'toplevel'],
    counters: ['calls', 'readBlocks'],
    columns: [
      ...columns('calls', 'readMs', 'writeMs'),
      ...barred('hitRatio'),
      ...columns('readBlocks', 'query'),
      ...minor('user', 'hitBlocks', 'writtenBlocks', 'tempBlocks', 'queryId'),
    ],
    ask: async question => {
      const answer = await asked(question, uses =>
        uses
          .map(use => ({ ...use, hitRatio: hitRatio(use) }))
          .toSorted((a, b) => (b.readMs ?? 0) - (a.readMs ?? 0) || b.readBlocks - a.readBlocks),
      )
      const untimed = answer.rows.length > 0 && answer.rows.every(row => row.readMs === null)
      return { ...answer, notes: [...answer.notes, ...(untimed ? [UNTIMED] : [])] }
    },
  },
]

const UNTIMED: Note = {
  message: 'Nobody measures how long reading and writing take: track_io_timing is off.',
  fix: 'ALTER SYSTEM SET track_io_timing = on; SELECT pg_reload_conf();',
}

async function asked<Row extends StatementUse>(
  { database, rights, flags }: Question,
  arranged: (uses: StatementUse[]) => Row[],
) {
  const { uses, since, obstacle } = await countedStatements(database)
  const unseen = uses.filter(({ query }) => query === null).length
  const shown = flags.query ? uses : uses.map(use => ({ ...use, query: null }))
  return {
    rows: arranged(shown),
    since,
    notes: [...(obstacle ? [obstacle] : []), ...hidden(rights.allStats, database, unseen, 'statement')],
  }
}

function hitRatio({ hitBlocks, readBlocks }: StatementUse): number | null {
  return hitBlocks + readBlocks > 0 ? hitBlocks / (hitBlocks + readBlocks) : null
}
