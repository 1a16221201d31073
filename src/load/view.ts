import { type Block, line, table } from '../output/blocks.ts'
import type { Imported } from './import.ts'

/** What an import tells people. */
export function viewImported(result: Imported & { readonly dryRun: boolean }): Block[] {
  const { dryRun, tables, salt, sequences, triggers, ids, verified } = result
  const inserted = tables.reduce((sum, each) => sum + each.inserted, 0)
  const updated = tables.reduce((sum, each) => sum + each.updated, 0)
  const fired = [...new Set(triggers.map(each => `${each.trigger} on ${each.table}`))]
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'read', title: 'read' },
        { key: 'inserted', title: 'inserted' },
        { key: 'updated', title: 'updated' },
        { key: 'skipped', title: 'skipped' },
      ],
      tables.map(each => ({ cells: { ...each } })),
    ),
    ...(ids
      ? [
          table(
            [
              { key: 'table', title: 'table' },
              { key: 'old', title: 'old id' },
              { key: 'new', title: 'new id' },
            ],
            ids.map(each => ({ cells: { ...each } })),
          ),
        ]
      : []),
    ...(salt === undefined
      ? []
      : [line(`The ids follow from the salt ${salt}: --new-ids ${salt} makes the same again.`)]),
    ...(fired.length === 0 ? [] : [line(`Triggers that fire on these tables: ${fired.join(', ')}.`, 'warn')]),
    ...sequences.map(({ sequence, last }) => line(`${sequence} goes on after ${last}.`, 'dim')),
    line(
      dryRun
        ? `Nothing was changed: ${inserted} rows would be inserted and ${updated} updated.`
        : `Inserted ${inserted} rows and updated ${updated}; ${verified === 'values' ? 'every value was compared with the archive' : 'they were counted'}.`,
      'good',
    ),
  ]
}
