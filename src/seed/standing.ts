import type { Oid } from '../catalog/relations.ts'
import { largestIn, rowsIn, valuesIn } from '../catalog/seed-state.ts'
import type { Database } from '../database/database.ts'
import type { Table } from '../graph/graph.ts'
import type { SeedModel, SeedTable } from './model.ts'
import type { ExistingRows } from './plan.ts'

/** What is in a table before the run. */
export interface Standing {
  readonly rows: number
  readonly existing: ExistingRows
  /** The largest number of each column that is numbered on. */
  readonly base: ReadonlyMap<string, number>
}

/** Keys of rows that are there already are kept up to this many. */
const KEPT = 100_000
export const NOTHING: Standing = { rows: 0, existing: { count: 0, values: new Map() }, base: new Map() }

/** Of the tables that are written to and of those that they point to. */
export async function readStanding(
  database: Database,
  { tables, graph }: SeedModel,
  chosen: readonly SeedTable[],
  emptied: (table: Table) => boolean,
): Promise<Map<Oid, Standing>> {
  const isChosen = (table: Table) => chosen.some(each => each.table === table)
  const found = new Map<Oid, Standing>()
  for (const each of tables) {
    const { table } = each
    const incoming = graph.references.filter(({ to, from }) => to === table && isChosen(from))
    const referenced = [...new Set(incoming.flatMap(reference => reference.referenced))]
    if (emptied(table) || (!isChosen(table) && referenced.length === 0)) continue
    const rows = await rowsIn(database, table.schema, table.name)
    if (rows === 0) continue
    const values =
      referenced.length > 0
        ? await valuesIn(database, table.schema, table.name, referenced, KEPT)
        : new Map<string, (string | null)[]>()
    found.set(table.oid, {
      rows,
      existing: { count: values.get(referenced[0] ?? '')?.length ?? 0, values },
      base: isChosen(table) ? await basesOf(database, each) : NOTHING.base,
    })
  }
  return found
}

const NUMBERS = ['int2', 'int4', 'int8', 'numeric']

async function basesOf(
  database: Database,
  { table, columns, uniques }: SeedTable,
): Promise<Map<string, number>> {
  const bases = new Map<string, number>()
  for (const { name, type, array, identity, sequence } of columns) {
    const isKey = uniques.some(key => key.columns.includes(name))
    if (NUMBERS.includes(type) && !array && (identity || sequence !== null || isKey))
      bases.set(name, await largestIn(database, table.schema, table.name, name))
  }
  return bases
}
