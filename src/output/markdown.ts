import type { Block, TableBlock } from './blocks.ts'
import { visible, words } from './words.ts'

const PIPE = /[|\\]/g

/** Blocks as GitHub-flavoured Markdown: for step summaries and pull requests. */
export function markdown(blocks: readonly Block[]): string {
  return blocks
    .map(block => (block.kind === 'line' ? `${visible(block.text)}\n` : markdownTable(block)))
    .join('\n')
}

function markdownTable({ columns, rows }: TableBlock): string {
  const lines = [
    columns.map(column => column.title),
    columns.map(() => '---'),
    ...rows.map(row => columns.map(column => escaped(words(row.cells[column.key], column.unit ?? row.unit)))),
  ]
  return lines.map(cells => `| ${cells.join(' | ')} |\n`).join('')
}

function escaped(text: string): string {
  return text.replace(PIPE, '\\$&').replaceAll('<', '&lt;')
}
