import type { Block, TableBlock } from './blocks.ts'
import { measureFor } from './width.ts'
import { visible, words } from './words.ts'

/** Blocks as text without colour, lines or truncation: for files, pipes and CI logs. */
export async function plain(blocks: readonly Block[]): Promise<string> {
  const texts = await Promise.all(
    blocks.map(block => (block.kind === 'line' ? `${visible(block.text)}\n` : plainTable(block))),
  )
  return texts.join('')
}

async function plainTable({ columns, rows }: TableBlock): Promise<string> {
  if (rows.length === 0) return ''
  const grid = [
    columns.map(column => column.title),
    ...rows.map(row => columns.map(column => words(row.cells[column.key], column.unit ?? row.unit))),
  ]
  const measure = await measureFor(grid.flat())
  const widths = columns.map((_, index) =>
    grid.reduce((widest, cells) => Math.max(widest, measure(cells[index] ?? '')), 0),
  )
  return grid
    .map(cells =>
      cells.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - measure(cell))).join('  '),
    )
    .map(text => `${text.trimEnd()}\n`)
    .join('')
}
