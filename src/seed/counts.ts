import type { Table } from '../graph/graph.ts'
import type { SeedTable } from './model.ts'

/** How many rows are wanted. */
export interface Counts {
  /** For every table that is not named. */
  readonly all?: number | undefined
  /** By name, with or without the schema. */
  readonly tables: Readonly<Partial<Record<string, number>>>
  readonly scale: number
}

/** Rows of a table that points to no other. */
const ROOTS = 20
/** For each parent. */
const CHILDREN = 3
const MOST = 20_000

/** Rows for a table: what was asked for, else a few for each row of the largest table that it belongs to. */
export function wantedRows(
  { table, references }: SeedTable,
  { all, tables, scale }: Counts,
  parentRows: (table: Table) => number | undefined,
): number {
  const asked = askedOf(table, tables)
  if (asked !== undefined) return asked
  if (all !== undefined) return Math.round(all * scale)
  // of those in a circle with it the later ones are not counted yet
  const owners = references
    .filter(({ required, to }) => required && to !== table)
    .flatMap(({ to }) => parentRows(to) ?? [])
  if (owners.length === 0) return Math.round(ROOTS * scale)
  return Math.min(Math.max(...owners) * CHILDREN, Math.round(MOST * scale))
}

export function isAsked({ table }: SeedTable, { all, tables }: Counts): boolean {
  return (askedOf(table, tables) ?? all) !== undefined
}

function askedOf({ schema, name }: Table, tables: Counts['tables']): number | undefined {
  return tables[`${schema}.${name}`] ?? tables[name]
}
