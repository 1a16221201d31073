import type { TableColumnRow } from '../catalog/table-columns.ts'
import { quotedIdentifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import { findTable } from './find-table.ts'
import { type Graph, shortName, type Table } from './graph.ts'

const CAMEL = /([a-z0-9])([A-Z])/g
/** `table.column`, `schema.table.column`; a name with a dot in quotes. */
const PARTS = /"(?:[^"]|"")+"|[^.]+/g

/** The two halves of `table.column`. Throws OpsError `column-unknown`, and those of `findTable`. */
export function splitColumn(graph: Graph, name: string, place: string): { table: Table; column: string } {
  const parts = name.match(PARTS) ?? []
  const column = unquoted(parts.at(-1) ?? '')
  if (parts.length < 2) {
    throw new OpsError({
      code: 'column-unknown',
      message: `${place} names ${name}, which is no column of a table.`,
      hint: 'Write table.column.',
      exit: 2,
    })
  }
  return { table: findTable(graph, parts.slice(0, -1).join('.')), column }
}

/** The column of that name in the database, or of the name that it has in TypeScript. */
export function findColumn(
  columns: readonly TableColumnRow[],
  table: Table,
  name: string,
  place: string,
): TableColumnRow {
  const own = columns.filter(each => each.table === table.oid)
  const snake = name.replace(CAMEL, '$1_$2').toLowerCase()
  const found = own.find(each => each.name === name) ?? own.find(each => each.name === snake)
  if (found) return found
  const names = own.map(each => each.name)
  throw new OpsError({
    code: 'column-unknown',
    message: `${place} names ${shortName(table)}.${quotedIdentifier(name)}, and there is no such column.`,
    hint: suggestion(name, names),
    exit: 2,
  })
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word
}
