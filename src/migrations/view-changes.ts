import { type Block, line, table } from '../output/blocks.ts'
import type { ShownChange } from './amend.ts'

/** Changes to the history for people. */
export function viewChanges(changes: readonly ShownChange[], dryRun: boolean): Block[] {
  const columns = [
    { key: 'action', title: 'action' },
    { key: 'name', title: 'migration' },
    { key: 'sql', title: 'change' },
  ]
  const done = dryRun ? 'Nothing was changed: this was a dry run.' : `${changes.length} changed.`
  return [
    table(
      columns,
      changes.map(change => ({ cells: { ...change } })),
    ),
    changes.length === 0 ? line('There is nothing to change.', 'good') : line(done, dryRun ? 'dim' : 'good'),
  ]
}
