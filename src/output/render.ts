import type { Block, TableBlock } from './blocks.ts'
import type { Format } from './formats.ts'
import { markdown } from './markdown.ts'
import type { Paper } from './paper.ts'
import { plain } from './plain.ts'

/** A finished result: the document for programs, the blocks for people. */
export interface Sheet {
  readonly command: string
  readonly document: object
  blocks(): Block[]
}

type Renderer = (sheet: Sheet, paper: Paper) => string | Promise<string>

const renderers: Record<Format, Renderer> = {
  table: async (sheet, paper) => {
    if (paper.width === undefined && !paper.colour) return plain(sheet.blocks())
    const { terminal } = await import('./terminal.ts')
    return terminal(sheet.blocks(), paper)
  },
  json: sheet => `${JSON.stringify(sheet.document, null, 2)}\n`,
  ndjson: sheet =>
    records(sheet)
      .map(record => `${JSON.stringify(record)}\n`)
      .join(''),
  csv: async sheet => (await import('./csv.ts')).csv(firstTable(sheet) ?? singleRow(sheet.document)),
  markdown: sheet => markdown(sheet.blocks()),
}

/** The result as text, ending with a newline. */
export async function render(format: Format, sheet: Sheet, paper: Paper): Promise<string> {
  return renderers[format](sheet, paper)
}

function firstTable(sheet: Sheet): TableBlock | undefined {
  return sheet.blocks().find(block => block.kind === 'table')
}

/** The rows of the first table; a result without one is a single record. */
function records(sheet: Sheet): object[] {
  const found = firstTable(sheet)
  return found ? found.rows.map(row => row.cells) : [sheet.document]
}

/** What a result without a table says in single values. */
function singleRow(document: object): TableBlock {
  const cells = Object.fromEntries(
    Object.entries(document).filter(([, value]) => value === null || typeof value !== 'object'),
  )
  return { kind: 'table', columns: Object.keys(cells).map(key => ({ key, title: key })), rows: [{ cells }] }
}
