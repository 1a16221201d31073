import { cacheHits } from '../../catalog/cache-hits.ts'
import type { Counted } from '../../catalog/demand.ts'
import { type TableStats, tableStats } from '../../catalog/table-stats.ts'
import { withoutWaiting } from '../../catalog/unlocked.ts'
import { barred, columns, minor } from '../columns.ts'
import { DAY, MINUTE, type Question, type StatsReport } from '../report.ts'

const READS = ['pg_class', 'pg_stat_all_tables']
/** To measure 2,000 tables with their indexes takes half a second of the server's time. */
const SHOWN = 50

/** What tables hold and how they are used. */
export const tableReports: readonly StatsReport[] = [
  {
    name: 'tables',
    summary: 'how large each table is, how many rows it has, and how it is used',
    reads: READS,
    needs: null,
    settlesAfter: 0,
    size: 'totalBytes',
    identity: ['schema', 'table'],
    counters: ['seqScans', 'indexScans', 'inserts', 'updates', 'deletes'],
    columns: [
      ...columns('schema', 'table'),
      ...barred('totalBytes'),
      ...columns('rows'),
      ...minor('heapBytes', 'indexBytes', 'toastBytes', 'deadRows', 'deadRatio', 'seqScans', 'indexScans'),
      ...minor(
        'inserts',
        'updates',
        'deletes',
        'lastVacuum',
        'lastAnalyze',
        'rowBytes',
        'partitions',
        'approximate',
      ),
    ],
    limit: SHOWN,
    ask: question => derived(question, table => ({ deadRatio: deadRatio(table) }), question.first),
  },
  {
    name: 'index-usage',
    summary: 'how much of the reading of each table goes through its indexes',
    reads: READS,
    needs: null,
    settlesAfter: DAY,
    size: 'totalBytes',
    identity: ['schema', 'table'],
    counters: ['seqScans', 'indexScans'],
    columns: [
      ...columns('schema', 'table'),
      ...barred('indexRatio'),
      ...columns('rows', 'seqRowsRead'),
      ...minor('indexScans', 'seqScans', 'totalBytes'),
    ],
    ask: async question => {
      const { rows } = await derived(question, table => ({
        indexRatio: share(table.indexScans, table.indexScans + table.seqScans),
      }))
      // what is never read has no usage to speak of, and comes last
      return { rows: rows.toSorted((a, b) => (a.indexRatio ?? 2) - (b.indexRatio ?? 2)) }
    },
  },
  {
    name: 'seq-scans',
    summary: 'which tables are read from beginning to end, ranked by the rows that this reads',
    reads: READS,
    needs: null,
    settlesAfter: DAY,
    size: 'totalBytes',
    identity: ['schema', 'table'],
    counters: ['seqRowsRead', 'seqScans'],
    columns: [
      ...columns('schema', 'table'),
      ...barred('seqRowsRead'),
      ...columns('seqScans', 'rowsPerScan'),
      ...minor('rows', 'totalBytes'),
    ],
    ask: async question => {
      const { rows } = await derived(question, table => ({
        rowsPerScan: share(table.seqRowsRead, table.seqScans),
      }))
      const read = rows.filter(({ seqScans }) => seqScans > 0)
      return { rows: read.toSorted((a, b) => b.seqRowsRead - a.seqRowsRead) }
    },
  },
  {
    name: 'hot-updates',
    summary: 'how many updates touch no index, and how many move the row to another page',
    reads: READS,
    needs: null,
    settlesAfter: DAY,
    size: 'totalBytes',
    identity: ['schema', 'table'],
    counters: ['updates', 'hotUpdates'],
    columns: [
      ...columns('schema', 'table', 'updates'),
      ...barred('hotRatio'),
      ...columns('newPageRatio', 'fillfactor'),
      ...minor('hotUpdates', 'newPageUpdates', 'totalBytes'),
    ],
    ask: async question => {
      const { rows } = await derived(question, table => ({
        hotRatio: share(table.hotUpdates, table.updates),
        newPageRatio: table.newPageUpdates === null ? null : share(table.newPageUpdates, table.updates),
      }))
      const updated = rows.filter(({ updates }) => updates > 0)
      return { rows: updated.toSorted((a, b) => b.updates - a.updates) }
    },
  },
  {
    name: 'traffic',
    summary: 'how many rows are read from and written to each table',
    reads: READS,
    needs: null,
    settlesAfter: DAY,
    size: 'totalBytes',
    identity: ['schema', 'table'],
    counters: ['rowsRead', 'rowsWritten'],
    columns: [
      ...columns('schema', 'table'),
      ...barred('rowsRead', 'rowsWritten'),
      ...columns('writeRatio'),
      ...minor('inserts', 'updates', 'deletes', 'totalBytes'),
    ],
    ask: async question => {
      const { rows } = await derived(question, table => {
        const rowsRead = table.seqRowsRead + table.indexRowsRead
        const rowsWritten = table.inserts + table.updates + table.deletes
        return { rowsRead, rowsWritten, writeRatio: share(rowsWritten, rowsRead + rowsWritten) }
      })
      return { rows: rows.toSorted((a, b) => b.rowsRead + b.rowsWritten - a.rowsRead - a.rowsWritten) }
    },
  },
  {
    name: 'cache-hit',
    summary: 'how much of what is read is found in shared buffers',
    reads: ['pg_stat_database', 'pg_statio_all_tables', 'pg_statio_all_indexes'],
    needs: null,
    settlesAfter: 15 * MINUTE,
    identity: ['kind', 'schema', 'name'],
    counters: ['hits', 'reads'],
    columns: [
      ...columns('kind', 'schema', 'name'),
      ...barred('ratio'),
      ...columns('hits', 'reads'),
      ...minor('table'),
    ],
    ask: async ({ database, scope }) => ({ rows: await cacheHits(database, scope) }),
  },
]

async function derived<More extends object>(
  { database, scope }: Question,
  more: (table: TableStats) => More,
  first: number | null = null,
): Promise<Counted<TableStats & More>> {
  const { rows, total } = await withoutWaiting(exact => tableStats(database, scope, { exact, first }))
  return { rows: rows.map(table => ({ ...table, ...more(table) })), total }
}

function deadRatio({ rows, deadRows }: TableStats): number | null {
  return rows === null ? null : share(deadRows, rows + deadRows)
}

/** null of nothing. */
function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}
