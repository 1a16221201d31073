import type { Oid } from '../catalog/relations.ts'
import type { SeedColumn } from '../catalog/seed-columns.ts'
import { componentsOf } from '../graph/components.ts'
import type { Reference, Table } from '../graph/graph.ts'
import type { Cell } from './cells/cell.ts'
import type { SeedTable } from './model.ts'
import type { Parents } from './plan.ts'

/**
 * Columns whose values foreign keys take from each other in a circle, as two keys `(tenant_id, …)` do that point to each
 * other's tables. Somebody has to begin: row n of each of the tables gets the n-th of common values.
 */
export interface Circle {
  readonly places: readonly Place[]
  /** The column without the circle that its values have to be in as well. */
  readonly source?: { readonly table: Table; readonly column: string }
}

export interface Place {
  readonly table: SeedTable
  readonly column: SeedColumn
}

/** The circles among tables that point to each other. Columns that the config gives values to end one. */
export function circlesOf(
  tables: readonly SeedTable[],
  isGiven: (table: Table, column: string) => boolean,
): Circle[] {
  if (tables.length === 1) return []
  const places = tables.flatMap(table => table.columns.map(column => ({ table, column })))
  const targets = ({ table, column: { name } }: Place) =>
    isGiven(table.table, name) ? [] : table.references.flatMap(reference => targetOf(reference, name))
  const isAt = (target: { table: Table; column: string }, { table, column }: Place) =>
    table.table === target.table && column.name === target.column
  return componentsOf(places, place =>
    targets(place).flatMap(target => places.find(other => other !== place && isAt(target, other)) ?? []),
  )
    .filter(({ length }) => length > 1)
    .map(circle => {
      const source = circle.flatMap(targets).find(target => !circle.some(place => isAt(target, place)))
      return { places: circle, ...(source && { source }) }
    })
}

function targetOf({ columns, referenced, to }: Reference, name: string) {
  const column = referenced[columns.indexOf(name)]
  return column === undefined ? [] : [{ table: to, column }]
}

/** What the values of a circle are made from. */
export interface CircleOrder {
  /** How many values there are. */
  size(): number
  /** The number of a table's first new row. */
  first(table: Table): number
  /** The values that a column would have without the circle, each row another. */
  own(place: Place): Cell | undefined
  parents(table: Table): Parents
}

/** The cells of all columns of circles, by table. */
export function circleCells(
  circles: readonly Circle[],
  { size, first, own, parents }: CircleOrder,
): ReadonlyMap<Oid, ReadonlyMap<string, Cell>> {
  const cells = new Map<Oid, Map<string, Cell>>()
  for (const { places, source } of circles) {
    const [beginner] = places
    const values = beginner && own(beginner)
    const text = (n: number) => {
      if (!source) return values?.text(first(beginner?.table.table as Table) + n) ?? null
      const { count, text } = parents(source.table)
      return text(n % Math.max(1, count), source.column)
    }
    for (const { table, column } of places) {
      const begin = first(table.table)
      const of = cells.get(table.table.oid) ?? new Map<string, Cell>()
      cells.set(
        table.table.oid,
        of.set(column.name, { text: row => text((row - begin) % Math.max(1, size())) }),
      )
    }
  }
  return cells
}
