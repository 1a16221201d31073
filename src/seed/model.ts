import { type CheckRow, listChecks } from '../catalog/checks.ts'
import { listSeedColumns, type SeedColumn } from '../catalog/seed-columns.ts'
import { listUniqueKeys, type UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Database } from '../database/database.ts'
import { type Graph, type Reference, readGraph, type Table } from '../graph/graph.ts'

/** A table with all that its rows have to fit. */
export interface SeedTable {
  readonly table: Table
  readonly columns: readonly SeedColumn[]
  readonly uniques: readonly UniqueKeyRow[]
  readonly checks: readonly CheckRow[]
  /** Its foreign keys, those of most columns first. */
  readonly references: readonly Reference[]
}

/** Everything that seeding needs to know of a database. */
export interface SeedModel {
  readonly tables: readonly SeedTable[]
  readonly graph: Graph
}

export async function readModel(database: Database): Promise<SeedModel> {
  const graph = await readGraph(database)
  const oids = graph.tables.map(({ oid }) => oid)
  const columns = await listSeedColumns(database, oids)
  const uniques = await listUniqueKeys(database, oids)
  const checks = await listChecks(database, oids)
  return {
    graph,
    tables: graph.tables.map(table => ({
      table,
      columns: columns.filter(column => column.table === table.oid),
      uniques: uniques.filter(key => key.table === table.oid),
      checks: checks.filter(check => check.table === table.oid),
      references: graph.references
        .filter(({ from }) => from === table)
        .toSorted((a, b) => b.columns.length - a.columns.length),
    })),
  }
}
