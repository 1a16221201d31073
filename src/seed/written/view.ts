import { type Block, line, table } from '../../output/blocks.ts'
import { milliseconds } from '../../output/words.ts'
import type { CopiesResult } from './copies.ts'
import type { WrittenResult } from './written.ts'

/** What a seed of the user's own changed, for people. */
export function viewWritten({ dryRun, file, tables, differing, ms }: WrittenResult): Block[] {
  const did = dryRun ? 'would change' : 'changed'
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'inserted', title: 'inserted' },
        { key: 'updated', title: 'updated' },
        { key: 'deleted', title: 'deleted' },
      ],
      tables.map(({ table, inserted, updated, deleted }) => ({
        cells: { table, inserted, updated, deleted },
        tone: 'good',
      })),
    ),
    ...(differing > 0
      ? [line(`Rows that stand already and differ: ${differing}. --upsert brings them up to date.`, 'warn')]
      : []),
    tables.length === 0
      ? line(`${file} ${did} nothing.`, 'good')
      : line(`${file} ${did} rows: ${rowsOf(tables)}, in ${milliseconds(ms)}.`, 'good'),
  ]
}

function rowsOf(tables: WrittenResult['tables']): number {
  return tables.reduce((sum, { inserted, updated, deleted }) => sum + inserted + updated + deleted, 0)
}

export function viewCopies({ dryRun, file, copies, tables, ms }: CopiesResult): Block[] {
  const rows = tables.reduce((sum, each) => sum + each.rows, 0)
  const done = dryRun ? 'Would make' : 'Made'
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'rows', title: dryRun ? 'would be' : 'rows' },
      ],
      tables.map(cells => ({ cells, tone: 'good' })),
    ),
    line(`${done} ${copies} × ${file}: ${rows} rows in ${milliseconds(ms)}.`, 'good'),
  ]
}
