import type { ColumnDef, Constraint as ConstraintNode, Node } from 'libpg-query'
import type { Parser } from '../sql/parse.ts'
import { all, as } from '../sql/tree.ts'

/** A column's definition in pieces. */
export interface ColumnText {
  readonly column: ColumnDef
  /** `numeric(10, 2)`, with its COLLATE. */
  readonly type: string
  readonly constraints: readonly { readonly constraint: ConstraintNode; readonly text: string }[]
}

/** The pieces of the one column that `ALTER TABLE … ADD COLUMN` adds. `sql` holds nothing else. */
export function addedColumn(sql: string, parser: Parser): ColumnText | undefined {
  const [command] = all('AlterTableCmd', as('AlterTableStmt', treeOf(sql, parser))?.cmds)
  const column = as('ColumnDef', command?.def)
  if (!column) return undefined
  const constraints = all('Constraint', column.constraints).toSorted((a, b) => placeOf(a) - placeOf(b))
  const places = [...constraints.map(placeOf), Buffer.byteLength(sql)]
  const bytes = Buffer.from(sql)
  const between = (from: number, to: number) => bytes.toString('utf8', from, to).trim()
  return {
    column,
    type: between(column.typeName?.location ?? 0, places[0] ?? 0),
    constraints: constraints.map((constraint, index) => ({
      constraint,
      text: between(placeOf(constraint), places[index + 1] ?? 0),
    })),
  }
}

/** The tree of a text that is known to hold one statement, so that its locations count in this text. */
export function treeOf(sql: string, parser: Parser): Node | undefined {
  return parser.parse(sql)[0]?.tree
}

/** Puts another type in place of each of these columns' in a statement; undefined where a type is written oddly. */
export function replaceTypes(
  sql: string,
  columns: readonly ColumnDef[],
  pattern: RegExp,
  better: (type: string) => string,
): string | undefined {
  let bytes = Buffer.from(sql)
  for (const { typeName } of columns.toSorted((a, b) => startOf(b) - startOf(a))) {
    const start = typeName?.location ?? 0
    const behind = bytes.toString('utf8', start)
    if (!pattern.test(behind)) return undefined
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(behind.replace(pattern, better))])
  }
  return bytes.toString()
}

function startOf({ typeName }: ColumnDef): number {
  return typeName?.location ?? 0
}

function placeOf({ location = 0 }: ConstraintNode): number {
  return location
}
