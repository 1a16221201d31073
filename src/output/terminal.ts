import { Chalk, type ChalkInstance } from 'chalk'
import CliTable from 'cli-table3'
import stringWidth from 'string-width'
import type { Block, Cell, Column, Row, TableBlock, Tone } from './blocks.ts'
import type { Paper } from './paper.ts'
import { bar, visible, words } from './words.ts'

/** Blocks for a person at a terminal: colours, borders, cells folded to the terminal's width. */
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
  const room = width ?? Number.POSITIVE_INFINITY
  const columns = fitting(
    block.columns.map(column => filled(column, block)).filter(({ texts }) => texts.some(text => text !== '')),
    block,
    room,
  )
  const heads = columns.map(column => column.title)
  const rows = block.rows.map(({ tone }, index) => ({
    tone,
    texts: columns.map(({ texts }) => texts[index] ?? ''),
  }))
  const widths = fittingWidths([heads, ...rows.map(row => row.texts)], room)
  // folded here: the table cuts colours apart in the middle, and wide characters off
  const drawn = new CliTable({
    head: heads.map((text, index) => cell(text, widths[index], line => chalk.bold(line))),
    style: { head: [], border: paperBorder(chalk), compact: true },
  })
  for (const { tone, texts } of rows) {
    drawn.push(
      texts.map((text, index) =>
        cell(text, widths[index], line => (index === 0 ? painted(chalk, line, tone) : line)),
      ),
    )
  }
  return drawn.toString()
}

function cell(text: string, width = Number.POSITIVE_INFINITY, paint: (line: string) => string): string {
  return folded(text, width).map(paint).join('\n')
}

function paperBorder(chalk: ChalkInstance): string[] {
  return chalk.level > 0 ? ['gray'] : []
}

const BAR = 10

interface FilledColumn extends Column {
  readonly texts: readonly string[]
  /** Of the widest of them, its title included. */
  readonly width: number
}

/** What a column says in each row. */
function filled(column: Column, { rows }: TableBlock): FilledColumn {
  const texts = rows.map(row => {
    const cell = row.cells[column.key]
    return words(column.clipped && typeof cell === 'string' ? clipped(cell) : cell, column.unit ?? row.unit)
  })
  const drawn = column.bar ? withBars(column, rows, texts) : texts
  return { ...column, texts: drawn, width: widthOf([column.title, ...drawn]) }
}

const LONGEST = 120
const SPACE = /\s+/g

function clipped(text: string): string {
  const line = text.replace(SPACE, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

/** The texts to the right, and behind each its bar. */
function withBars({ key, unit }: Column, rows: readonly Row[], texts: readonly string[]): readonly string[] {
  const sizes = rows.map(row => sizeOf(row.cells[key]))
  const whole = unit === 'ratio' ? 1 : sizes.reduce((most, size) => Math.max(most, size), 0)
  if (whole <= 0) return texts
  const widest = widthOf(texts)
  return texts.map((text, index) =>
    text === '' ? '' : `${text.padStart(widest)} ${bar((sizes[index] ?? 0) / whole, BAR)}`,
  )
}

function sizeOf(cell: Cell): number {
  return typeof cell === 'number' ? cell : 0
}

function widthOf(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0)
}

/** The columns that fit: minor ones go, the last one first, and then the bars. */
function fitting(columns: readonly FilledColumn[], block: TableBlock, room: number): readonly FilledColumn[] {
  const needed = columns.reduce((sum, { width }) => sum + 3 + width, 1)
  if (needed <= room) return columns
  const last = columns.findLastIndex(({ minor }) => minor)
  if (last >= 0) return fitting(columns.toSpliced(last, 1), block, room)
  return columns.map(column => filled({ ...column, bar: false }, block))
}

const NARROWEST = 6

/** How wide the columns may be for the table to fit. The widest ones give way. */
function fittingWidths(grid: readonly (readonly string[])[], width: number): number[] {
  const [heads = []] = grid
  const fitted = heads.map((_, index) =>
    grid.reduce((widest, texts) => Math.max(widest, stringWidth(texts[index] ?? '')), 0),
  )
  const room = width - 3 * fitted.length - 1
  for (let excess = fitted.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess -= 1) {
    const widest = fitted.indexOf(Math.max(...fitted))
    if ((fitted[widest] ?? 0) <= NARROWEST) break
    fitted[widest] = (fitted[widest] ?? 0) - 1
  }
  return fitted
}

const characters = new Intl.Segmenter()

/** Lines of at most that width, ended at a space where there is one. */
function folded(text: string, width: number): string[] {
  if (stringWidth(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const { segment } of characters.segment(text)) {
    if (stringWidth(line + segment) > width) {
      const end = segment === ' ' ? line.length : line.lastIndexOf(' ') + 1 || line.length
      lines.push(line.slice(0, end).trimEnd())
      line = line.slice(end)
    }
    if (line !== '' || segment !== ' ' || lines.length === 0) line += segment
  }
  return [...lines, line]
}

function painted(chalk: ChalkInstance, text: string, tone: Tone | undefined): string {
  if (tone === undefined) return text
  const paint = { good: chalk.green, warn: chalk.yellow, bad: chalk.red, dim: chalk.dim, strong: chalk.bold }
  return paint[tone](text)
}
