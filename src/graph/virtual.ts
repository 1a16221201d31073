import { type IndexKeysRow, listIndexKeys } from '../catalog/index-keys.ts'
import { listTableColumns, type TableColumnRow } from '../catalog/table-columns.ts'
import type { VirtualReference } from '../config.ts'
import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { findColumn, splitColumn } from './find-column.ts'
import { type Graph, type Reference, type Table, titleOfReference } from './graph.ts'
import { indexKeys, isIndexed, type When } from './indexed.ts'

const PLACE = 'ops.graph.references'

/**
 * The graph with the references that the config declares besides foreign keys.
 * Throws OpsError `table-unknown`, `column-unknown` or `reference-invalid`, exit 2.
 */
export async function withVirtualReferences<Schema>(
  database: Database,
  graph: Graph,
  declared: readonly VirtualReference<Schema>[],
): Promise<Graph> {
  if (declared.length === 0) return graph
  const sides = declared.map(each => ({
    declared: each,
    child: sideOf(graph, asList(each.column)),
    parent: sideOf(graph, asList(each.references)),
  }))
  const oids = [...new Set(sides.flatMap(({ child, parent }) => [child.table.oid, parent.table.oid]))]
  const [columns, indexes] = await Promise.all([
    listTableColumns(database, oids),
    listIndexKeys(database, oids),
  ])
  const references = sides.map(({ declared: { when = {}, path }, child, parent }): Reference => {
    const find = (table: Table, name: string) => findColumn(columns, table, name, PLACE)
    return virtualReference({
      source: 'ops',
      from: child.table,
      columns: child.columns.map(name => find(child.table, name)),
      to: parent.table,
      referenced: parent.columns.map(name => find(parent.table, name)),
      when: Object.entries(when).map(([name, value]) => [find(child.table, name).name, value]),
      path,
      indexes,
    })
  })
  return { ...graph, references: [...graph.references, ...references] }
}

export interface VirtualParts extends Pick<Reference, 'source' | 'from' | 'to' | 'path'> {
  readonly columns: readonly TableColumnRow[]
  readonly referenced: readonly TableColumnRow[]
  readonly when: When
  /** Of `from`, or of more tables. */
  readonly indexes: readonly IndexKeysRow[]
}

/** Throws OpsError `reference-invalid` where the columns do not pair, or a jsonpath is given for several. */
export function virtualReference({
  source,
  from,
  columns,
  to,
  referenced,
  when,
  path,
  indexes,
}: VirtualParts): Reference {
  const names = columns.map(({ name }) => name)
  const title = titleOfReference(from, names)
  if (columns.length !== referenced.length || (path !== undefined && columns.length !== 1)) {
    throw new OpsError({
      code: 'reference-invalid',
      message: `${PLACE} pairs ${columns.length} columns of ${title} with ${referenced.length}${path === undefined ? '' : ' at a jsonpath'}.`,
      hint: 'Name as many columns under references as under column; with a path one of each.',
      exit: 2,
    })
  }
  const sides = columns.map((column, index) => ({ column, other: referenced[index] ?? column }))
  const compared = sides.map(({ column, other }) => ({ column, asText: column.cast !== other.cast }))
  const own = indexes.filter(({ table }) => table === from.oid)
  const only = (child: string) =>
    when.map(([column, value]) => `${child}.${quoted(column)}::text = ${literal(value)}`)
  const held = (child: string) =>
    `${child}.${quoted(names[0] ?? '')}::jsonb, ${literal(path ?? '')}::jsonpath`
  const pairs = (child: string, parent: string) =>
    sides.map(({ column, other }) => {
      const cast = column.cast === other.cast ? '' : '::text'
      return `${parent}.${quoted(other.name)}${cast} = ${child}.${quoted(column.name)}${cast}`
    })
  const inside = (child: string, parent: string) =>
    `EXISTS (SELECT FROM jsonb_path_query(${held(child)}) AS held (value) WHERE held.value #>> '{}' = ${parent}.${quoted(referenced[0]?.name ?? '')}::text)`
  return {
    name: title,
    title,
    source,
    from,
    columns: names,
    to,
    referenced: referenced.map(({ name }) => name),
    required: path === undefined && when.length === 0 && columns.every(({ notNull }) => notNull),
    nullable: path === undefined ? columns.filter(({ notNull }) => !notNull).map(({ name }) => name) : [],
    cascades: false,
    matchFull: false,
    period: false,
    enforced: false,
    indexed: path === undefined && isIndexed(own, compared, when),
    indexKeys: path === undefined ? indexKeys(compared) : null,
    path,
    match: (child, parent) =>
      [...(path === undefined ? pairs(child, parent) : [inside(child, parent)]), ...only(child)].join(
        ' AND ',
      ),
    points: child =>
      [
        ...(path === undefined
          ? names.map(name => `${child}.${quoted(name)} IS NOT NULL`)
          : [`jsonb_path_exists(${held(child)})`]),
        ...only(child),
      ].join(' AND '),
  }
}

function sideOf(graph: Graph, names: readonly string[]): { table: Table; columns: string[] } {
  const [first, ...others] = names.map(name => splitColumn(graph, name, PLACE))
  if (!first || others.some(({ table }) => table !== first.table)) {
    throw new OpsError({
      code: 'reference-invalid',
      message: `${PLACE} names columns of several tables on one side: ${names.join(', ')}.`,
      hint: 'One side of a reference is one table.',
      exit: 2,
    })
  }
  return { table: first.table, columns: [first, ...others].map(({ column }) => column) }
}

function asList(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}
