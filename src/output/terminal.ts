import { Chalk, type ChalkInstance } from 'chalk'
import CliTable from 'cli-table3'
import type { Block, TableBlock, Tone } from './blocks.ts'
import type { Paper } from './render.ts'
import { visible, words } from './words.ts'

/** Blocks for a person at a terminal: colours, borders, cells wrapped to the terminal's width. */
export function terminal(blocks: readonly Block[], paper: Paper): string {
  const chalk = new Chalk({ level: paper.colour ? 1 : 0 })
  return blocks
    .map(block => {
      if (block.kind === 'line') return `${painted(chalk, visible(block.text), block.tone)}\n`
      return block.rows.length === 0 ? '' : `${bordered(chalk, block, paper.width)}\n`
    })
    .join('')
}

function bordered(chalk: ChalkInstance, block: TableBlock, width: number | undefined): string {
  const cells = block.rows.map(row =>
    block.columns.map((column, index) => {
      const text = words(row.cells[column.key], column.unit)
      return index === 0 ? painted(chalk, text, row.tone) : text
    }),
  )
  const widths = width === undefined ? undefined : columnWidths(block, width)
  const drawn = new CliTable({
    head: block.columns.map(column => chalk.bold(column.title)),
    style: { head: [], border: paperBorder(chalk) },
    wordWrap: true,
    wrapOnWordBoundary: false,
    ...(widths ? { colWidths: widths } : {}),
  })
  drawn.push(...cells)
  return drawn.toString()
}

function paperBorder(chalk: ChalkInstance): string[] {
  return chalk.level > 0 ? ['gray'] : []
}

/** Widths that fit the terminal, or undefined where the table fits as it is. The widest columns give way. */
function columnWidths(block: TableBlock, width: number): number[] | undefined {
  const natural = block.columns.map(column =>
    Math.max(column.title.length, ...block.rows.map(row => words(row.cells[column.key], column.unit).length)),
  )
  const room = width - 3 * block.columns.length - 1
  const total = natural.reduce((sum, each) => sum + each, 0)
  if (total <= room) return undefined
  const fitted = [...natural]
  for (let excess = total - room; excess > 0; excess -= 1) {
    const widest = fitted.indexOf(Math.max(...fitted))
    if ((fitted[widest] ?? 0) <= 6) break
    fitted[widest] = (fitted[widest] ?? 0) - 1
  }
  return fitted.map(each => each + 2)
}

function painted(chalk: ChalkInstance, text: string, tone: Tone | undefined): string {
  if (tone === undefined) return text
  const paint = { good: chalk.green, warn: chalk.yellow, bad: chalk.red, dim: chalk.dim, strong: chalk.bold }
  return paint[tone](text)
}
