import { type ArchivedTable, lineName } from '../archive/manifest.ts'
import type { ColumnKindRow } from '../catalog/column-kinds.ts'
import type { TableConstraintRow } from '../catalog/table-constraints.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { copyLines, encodingOf, outgoingColumn } from './codec.ts'
import { type CollectedTable, clearedColumns, clearedValue, isCollected, rowsOf } from './collected.ts'
import { shortName, type Table } from './graph.ts'
import { type LookOptions, lookAt } from './look.ts'
import { orderOf } from './membership.ts'

/** A table of the archive with the COPY that sends its rows. */
export interface Entry {
  readonly archived: ArchivedTable
  readonly copy: string
  /** References that are NULL in some rows because what they point to is not in the archive. */
  readonly cleared: readonly Cleared[]
}

export interface Cleared {
  readonly reference: string
  readonly rows: number
}

export interface EntryOptions extends LookOptions {
  readonly kinds: readonly ColumnKindRow[]
  readonly constraints: readonly TableConstraintRow[]
}

/** One entry for the rows of a table, and one for those that only stand for rows of the target. */
export async function entriesOf(
  database: Database,
  { table, nodes }: CollectedTable,
  options: EntryOptions,
): Promise<Entry[]> {
  const kinds = options.kinds.filter(each => each.table === table.oid)
  const large = kinds.find(({ largeObject }) => largeObject)
  if (large) throw largeObject(table, large)
  const kept = nodes.filter(({ role }) => role !== 'matched')
  const matched = nodes.filter(({ role }) => role === 'matched')
  return [
    ...(kept.length > 0 ? [await rowsEntry(database, { table, nodes: kept }, kinds, options)] : []),
    ...(matched.length > 0 ? [matchedEntry({ table, nodes: matched }, kinds, options)] : []),
  ]
}

async function rowsEntry(
  database: Database,
  collected: CollectedTable,
  kinds: readonly ColumnKindRow[],
  options: EntryOptions,
): Promise<Entry> {
  const { graph, collection, constraints, replaced } = options
  const { table } = collected
  const { references, holdsJsonNull } = await lookAt(database, collected, kinds, options)
  const own = replaced.filter(each => each.table === table)
  const columns = kinds.map(({ name, type, kind }) => {
    const replacement = own.find(({ column }) => column === name)
    const cleared = references.flatMap(([reference]) =>
      clearedColumns(graph, reference).includes(name) ? [reference] : [],
    )
    const value = replacement?.value('kept') ?? clearedValue(collection, cleared, name, 'kept')
    const encoding = encodingOf(kind, holdsJsonNull.includes(name))
    return { archived: { name, type, encoding }, sql: outgoingColumn(name, kind, encoding, value) }
  })
  const archived: ArchivedTable = {
    table: table.title,
    columns: columns.map(each => each.archived),
    primaryKey: table.primaryKey ?? [],
    redacted: own.map(({ column }) => column),
    constraints: constraints.filter(each => each.table === table.oid).map(({ definition }) => definition),
  }
  const { from, where } = rowsOf(collection, collected, 'kept')
  const query = `${collection.prelude}SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM ${from} WHERE ${where} ORDER BY ${orderOf(table, 'kept')}`
  return {
    archived,
    copy: copyLines(lineName(archived), query),
    cleared: references.map(([reference, rows]) => ({ reference: reference.title, rows })),
  }
}

/** What the target finds its own row by, and the key under which the archive knows it. */
function matchedEntry(
  collected: CollectedTable,
  kinds: readonly ColumnKindRow[],
  { collection }: EntryOptions,
): Entry {
  const { table, nodes } = collected
  const by = [...new Set(nodes.flatMap(({ sources }) => sources.flatMap(({ rule }) => rule.by ?? [])))]
  const referenced = nodes.flatMap(({ sources }) => sources.flatMap(({ reference }) => reference.referenced))
  const columns = kinds
    .filter(({ name }) => by.includes(name) || referenced.includes(name) || table.primaryKey?.includes(name))
    .map(({ name, type, kind }) => ({ name, type, kind, encoding: encodingOf(kind) }))
  const archived: ArchivedTable = {
    table: table.title,
    columns: columns.map(({ name, type, encoding }) => ({ name, type, encoding })),
    primaryKey: table.primaryKey ?? [],
    redacted: [],
    matchedBy: by,
  }
  const { from, where } = rowsOf(collection, collected, 'kept')
  const list = columns.map(({ name, kind, encoding }) =>
    outgoingColumn(name, kind, encoding, clearedValue(collection, [], name, 'kept')),
  )
  const other = { ...collection, nodes: collection.nodes.filter(({ role }) => role !== 'matched') }
  const query = `${collection.prelude}SELECT ${list.join(', ')} FROM ${from} WHERE ${where} AND NOT ${isCollected(other, table, 'kept')} ORDER BY ${orderOf(table, 'kept')}`
  return { archived, copy: copyLines(lineName(archived), query), cleared: [] }
}

function largeObject(table: Table, { name }: ColumnKindRow): OpsError {
  return new OpsError({
    code: 'large-object',
    message: `${shortName(table)}.${name} holds numbers of large objects, whose contents no archive takes along.`,
    hint: `Leave the table out with --exclude ${shortName(table)}, or keep the contents in a bytea column.`,
  })
}
