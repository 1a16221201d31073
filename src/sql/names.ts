import type { IndexElem, Node } from 'libpg-query'
import { type Relations, relationKey } from './relations.ts'
import { all, as, typeName, words } from './tree.ts'

/** NAMEDATALEN - 1 */
const LONGEST = 63

/** The first free name of PostgreSQL's form `table_columns_label`, cut to 63 bytes as makeObjectName does. */
export function freeName(
  { byName }: Relations,
  schema: string,
  table: string,
  columns: string | undefined,
  label: string,
): string {
  for (let round = 0; ; round += 1) {
    const name = objectName(table, columns, round === 0 ? label : `${label}${round}`)
    if (!byName.has(relationKey({ schema, name }))) return name
  }
}

function objectName(table: string, columns: string | undefined, label: string): string {
  const parts = [table, ...(columns === undefined ? [] : [columns])].map(part => Buffer.from(part))
  const room = LONGEST - Buffer.byteLength(label) - parts.length
  const [first = Buffer.alloc(0), second] = parts
  let one = first.length
  let two = second?.length ?? 0
  while (one + two > room) {
    if (one > two) one -= 1
    else two -= 1
  }
  return [clip(first, one), ...(second ? [clip(second, two)] : []), label].join('_')
}

/** No more than so many bytes, and no half character. */
function clip(text: Buffer, bytes: number): string {
  let end = bytes
  while (end > 0 && end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return text.toString('utf8', 0, end)
}

/** What the columns of an index add to its name: an expression goes by its function. */
export function indexColumns(elements: readonly Node[]): string[] {
  return numbered(all('IndexElem', elements).map(elementName))
}

/** Doubles get a number. */
export function numbered(columns: readonly string[]): string[] {
  const names: string[] = []
  for (const name of columns) {
    let free = name
    for (let round = 1; names.includes(free); round += 1) free = `${name}${round}`
    names.push(free)
  }
  return names
}

/** Joined until the whole is longer than a name can be. */
export function joinColumns(columns: readonly string[]): string {
  let joined = ''
  for (const column of columns) {
    joined = joined === '' ? column : `${joined}_${column}`
    if (Buffer.byteLength(joined) > LONGEST) break
  }
  return joined
}

function elementName({ name, expr }: IndexElem): string {
  return name ?? expressionName(expr) ?? 'expr'
}

/** FigureIndexColname of PostgreSQL. */
function expressionName(node: Node | undefined): string | undefined {
  const call = as('FuncCall', node)
  if (call) return words(call.funcname).at(-1)
  const column = as('ColumnRef', node)
  if (column) return words(column.fields).at(-1)
  const cast = as('TypeCast', node)
  if (cast) return expressionName(cast.arg) ?? typeName(cast.typeName).name
  if (as('CoalesceExpr', node)) return 'coalesce'
  return as('CaseExpr', node) ? 'case' : undefined
}
