import { indexStats, unusedIndexes } from '../../catalog/index-stats.ts'
import { redundantIndexes } from '../../catalog/redundant-indexes.ts'
import { unindexedForeignKeys } from '../../catalog/unindexed-foreign-keys.ts'
import { withoutWaiting } from '../../catalog/unlocked.ts'
import { barred, columns, minor } from '../columns.ts'
import { DAY, type Note, type StatsReport } from '../report.ts'

const READS = ['pg_index', 'pg_stat_all_indexes']
const SHOWN = 50

const OTHER_SERVERS: Note = {
  message: 'Each server counts for itself: an index without a scan here may be what a standby lives on.',
  fix: null,
}

/** What indexes cost and what they are good for. */
export const indexReports: readonly StatsReport[] = [
  {
    name: 'indexes',
    summary: 'how large each index is and how often it is read',
    reads: READS,
    needs: null,
    settlesAfter: DAY,
    size: 'bytes',
    identity: ['schema', 'index'],
    counters: ['scans', 'rowsRead', 'rowsFetched'],
    columns: [
      ...columns('schema', 'table', 'index'),
      ...barred('bytes'),
      ...columns('scans'),
      ...minor('columns', 'lastUsed', 'rowsRead', 'rowsFetched', 'method', 'unique', 'primary', 'partial'),
      ...minor('expression', 'valid', 'includes', 'constraint', 'partitions', 'approximate'),
    ],
    limit: SHOWN,
    ask: ({ database, scope, first }) =>
      withoutWaiting(exact => indexStats(database, scope, { exact, first })),
  },
  {
    name: 'unused-indexes',
    summary: 'which indexes no query has read, of those that nothing but queries needs',
    reads: [...READS, 'pg_constraint'],
    needs: null,
    settlesAfter: 30 * DAY,
    size: 'bytes',
    columns: [
      ...columns('schema', 'table', 'index'),
      ...barred('bytes'),
      ...columns('scans', 'reasonsToKeep'),
      ...minor('columns', 'approximate'),
    ],
    ask: async ({ database, scope }) => {
      const unused = await withoutWaiting(exact => unusedIndexes(database, scope, exact))
      const rows = unused.map(index => ({
        ...index,
        reasonsToKeep: [
          ...(index.clustered ? ['CLUSTER orders the table by it'] : []),
          ...(index.building ? ['it is being built'] : []),
          ...(index.valid ? [] : ['queries could not read it: it is invalid']),
        ],
      }))
      return { rows, notes: rows.length > 0 ? [OTHER_SERVERS] : [] }
    },
  },
  {
    name: 'redundant-indexes',
    summary: 'which indexes another one does all the work of',
    reads: ['pg_index', 'pg_constraint'],
    needs: null,
    size: 'bytes',
    columns: [
      ...columns('schema', 'table', 'index', 'coveredBy', 'exact'),
      ...barred('bytes'),
      ...minor('drop'),
    ],
    ask: async ({ database, scope }) => ({ rows: await redundantIndexes(database, scope) }),
  },
  {
    name: 'fk-indexes',
    summary: 'which foreign keys have no index, so that each delete of a parent reads the whole child',
    reads: ['pg_constraint', 'pg_index'],
    needs: null,
    size: 'bytes',
    columns: [
      ...columns('schema', 'table', 'constraint'),
      ...barred('bytes'),
      ...columns('rows', 'onDelete'),
      ...minor('columns', 'references', 'create'),
    ],
    ask: async ({ database, scope }) => ({ rows: await unindexedForeignKeys(database, scope) }),
  },
]
