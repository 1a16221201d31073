import { listIndexKeys } from '../catalog/index-keys.ts'
import { listTableColumns } from '../catalog/table-columns.ts'
import type { VirtualReference } from '../config.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { findColumn, splitColumn } from './find-column.ts'
import type { Graph, Reference, Table } from './graph.ts'
import { virtualReference } from './virtual-reference.ts'

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
