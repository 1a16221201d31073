import type { SeedTable } from './model.ts'

/** How many rows are wanted. */
export interface Counts {
  /** For every table that is not named. */
  readonly all?: number | undefined
  /** By name, with or without the schema. */
  readonly tables: Readonly<Record<string, number>>
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
  parentRows: (oid: string) => number,
): number {
  const asked = tables[table.name] ?? tables[`${table.schema}.${table.name}`]
  if (asked !== undefined) return asked
  if (all !== undefined) return Math.round(all * scale)
  const owners = references.filter(({ required, to }) => required && to !== table)
  if (owners.length === 0) return Math.round(ROOTS * scale)
  const largest = Math.max(...owners.map(({ to }) => parentRows(to.oid)))
  return Math.min(largest * CHILDREN, Math.round(MOST * scale))
}
