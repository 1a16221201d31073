import { type Block, type Cell, table } from '../output/blocks.ts'

/** One row, written downwards: what is not set is left out. */
export function facts(cells: Readonly<Record<string, Cell>>): Block[] {
  return [
    table(
      [
        { key: 'name', title: 'column' },
        { key: 'value', title: 'value' },
      ],
      Object.entries(cells).flatMap(([name, value]) =>
        value === null || value === undefined ? [] : [{ cells: { name, value } }],
      ),
    ),
  ]
}
