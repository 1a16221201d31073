import { type CheckRow, listChecks } from '../catalog/checks.ts'
import { listSeedColumns, type SeedColumn } from '../catalog/seed-columns.ts'
import {
  type ExclusionRow,
  listExclusions,
  listPartitions,
  type PartitionRow,
} from '../catalog/seed-limits.ts'
import { listUniqueKeys, type UniqueKeyRow } from '../catalog/unique-keys.ts'
import type { Database } from '../database/database.ts'
import { type Graph, type Reference, readGraph, type Table } from '../graph/graph.ts'

/** A table with all that its rows have to fit. */
export interface SeedTable {
  readonly table: Table
  readonly columns: readonly SeedColumn[]
  readonly uniques: readonly UniqueKeyRow[]
  readonly checks: readonly CheckRow[]
  readonly exclusions: readonly ExclusionRow[]
  readonly partitions: readonly PartitionRow[]
  /** Its foreign keys, those of most columns first. */
  readonly references: readonly Reference[]
}

/** Everything that seeding needs to know of a database. */
export interface SeedModel {
  readonly tables: readonly SeedTable[]
  readonly graph: Graph
  /** The fields of a column's composite type. */
  fields(column: SeedColumn): readonly SeedColumn[]
}

export async function readModel(database: Database): Promise<SeedModel> {
  const graph = await readGraph(database)
  const oids = graph.tables.map(({ oid }) => oid)
  const columns = await listSeedColumns(database, oids)
  const uniques = await listUniqueKeys(database, oids)
  const checks = await listChecks(database, oids)
  const exclusions = await listExclusions(database, oids)
  const partitions = await listPartitions(database, oids)
  const composites = await compositeFields(database, columns)
  return {
    graph,
    fields: ({ composite }) => composites.filter(({ table }) => table === composite),
    tables: graph.tables.map(table => ({
      table,
      columns: columns.filter(column => column.table === table.oid),
      uniques: [
        ...uniques.filter(key => key.table === table.oid),
        ...exclusions.filter(each => each.table === table.oid && isUnique(each)).map(uniqueOf),
      ],
      checks: checks.filter(check => check.table === table.oid),
      exclusions: exclusions.filter(exclusion => exclusion.table === table.oid),
      partitions: partitions.filter(partition => partition.table === table.oid),
      references: graph.references
        .filter(reference => reference.from === table && !isMetByAll(reference))
        .toSorted((a, b) => b.columns.length - a.columns.length),
    })),
  }
}

/** Whether every row meets it by being there: its columns point to themselves. */
function isMetByAll({ from, to, columns, referenced }: Reference): boolean {
  return from === to && columns.every((name, at) => referenced[at] === name)
}

/** An exclusion constraint that only asks for equality is a unique key. */
function isUnique({ parts }: ExclusionRow): boolean {
  return parts.every(({ operator }) => operator.endsWith('.=)'))
}

function uniqueOf({ table, name, predicate, parts, columns }: ExclusionRow): UniqueKeyRow {
  const same = parts.map(({ sql, operator }) => ({ sql, equals: operator }))
  return { table, name, primary: false, nullsEqual: false, predicate, parts: same, columns }
}

/** Of all composite types that columns have, and of those within them. */
async function compositeFields(database: Database, columns: readonly SeedColumn[]): Promise<SeedColumn[]> {
  const found: SeedColumn[] = []
  let left = columns
  while (left.length > 0) {
    const types = new Set(left.flatMap(({ composite }) => composite ?? []))
    for (const { table } of found) types.delete(table)
    left = types.size > 0 ? await listSeedColumns(database, [...types]) : []
    found.push(...left)
  }
  return found
}
