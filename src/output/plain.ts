import stringWidth from 'string-width'
import type { Block, TableBlock } from './blocks.ts'
import { visible, words } from './words.ts'

/** Blocks as text without colour, lines or truncation: for files, pipes and CI logs. */
export function plain(blocks: readonly Block[]): string {
  return blocks
    .map(block => (block.kind === 'line' ? `${visible(block.text)}\n` : plainTable(block)))
    .join('')
}

function plainTable({ columns, rows }: TableBlock): string {
  const grid = [
    columns.map(column => column.title),
    ...rows.map(row => columns.map(column => words(row.cells[column.key], column.unit))),
  ]
  const widths = columns.map((_, index) => Math.max(...grid.map(cells => stringWidth(cells[index] ?? ''))))
  return grid
    .map(cells => cells.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '))
    .map(text => `${text.trimEnd()}\n`)
    .join('')
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - stringWidth(cell)))
}
