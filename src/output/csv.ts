import { stringify } from 'csv-stringify/sync'
import type { TableBlock } from './blocks.ts'

const LINE_BREAK = /[\r\n]/

/** RFC 4180: CRLF, quotes doubled, one heading line. Unknown values are empty. */
export function csv(block: TableBlock): string {
  const keys = block.columns.map(column => column.key)
  const rows = block.rows.map(row => keys.map(key => row.cells[key] ?? null))
  return stringify([keys, ...rows], {
    record_delimiter: '\r\n',
    // by itself it quotes a field for its own delimiter only
    quoted_match: LINE_BREAK,
    cast: { boolean: String },
  })
}
