import { listIndexKeys } from '../catalog/index-keys.ts'
import { listTableColumns } from '../catalog/table-columns.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { schemaFiles } from '../kit/schema-files.ts'
import { loadModule } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { type Column, type Pair, pairsOf } from './drizzle-relations.ts'
import { findColumn } from './find-column.ts'
import type { Graph, Reference, Table } from './graph.ts'
import { virtualReference } from './virtual-reference.ts'

const NAME = Symbol.for('drizzle:Name')
const SCHEMA = Symbol.for('drizzle:Schema')

/**
 * The graph with the relations that the project's schema declares, where no foreign key says the same. Loads the
 * schema; see `loadModule` for what that throws. Throws OpsError `relations-missing`, exit 2.
 */
export async function withDrizzleRelations(
  context: Context,
  database: Database,
  project: Project,
  graph: Graph,
): Promise<Graph> {
  const pairs: Pair[] = []
  for (const file of await schemaFiles(context, project)) {
    for (const exported of Object.values(await loadModule(file, context.env)))
      pairs.push(...pairsOf(exported))
  }
  if (pairs.length === 0) throw relationsMissing(project)
  const sides = pairs.flatMap(pair => {
    const from = tableOf(graph, pair.fields)
    const to = tableOf(graph, pair.references)
    return from && to ? [sidesOf(from, to, pair)] : []
  })
  const oids = [...new Set(sides.flatMap(({ from, to }) => [from.oid, to.oid]))]
  const [columns, indexes] = await Promise.all([
    listTableColumns(database, oids),
    listIndexKeys(database, oids),
  ])
  const found = sides.map(({ from, to, pair }) => {
    const named = (table: Table, list: readonly Column[]) =>
      list.map(({ name }) => findColumn(columns, table, name, 'A relation of the schema'))
    return virtualReference({
      source: 'relations',
      from,
      columns: named(from, pair.fields),
      to,
      referenced: named(to, pair.references),
      when: pair.when,
      path: undefined,
      indexes,
    })
  })
  const references = [...graph.references]
  for (const reference of found)
    if (!references.some(each => sameAs(each, reference))) references.push(reference)
  return { ...graph, references }
}

/** Of a relation of one to one either side may have been written down: its key is what the other points to. */
function sidesOf(from: Table, to: Table, pair: Pair): { from: Table; to: Table; pair: Pair } {
  const isKey = ({ identity }: Table, columns: readonly Column[]) =>
    identity !== null &&
    columns.length === identity.length &&
    columns.every(({ name }) => identity.includes(name))
  const isReversed = isKey(from, pair.fields) && !isKey(to, pair.references)
  if (!isReversed) return { from, to, pair }
  return { from: to, to: from, pair: { ...pair, fields: pair.references, references: pair.fields } }
}

function relationsMissing({ configFile }: Project): OpsError {
  return new OpsError({
    code: 'relations-missing',
    message: `The schema of ${configFile} declares no relations.`,
    hint: 'Add the file that declares them to schema in the config, or leave --relations out.',
    exit: 2,
  })
}

function tableOf({ tables }: Graph, [column]: readonly Column[]): Table | undefined {
  const table = column?.table as Readonly<Record<symbol, string | undefined>> | undefined
  return tables.find(({ name, schema }) => name === table?.[NAME] && schema === (table?.[SCHEMA] ?? 'public'))
}

/** The other side of a one-to-one relation is the same reference the other way round. */
function sameAs(one: Reference, other: Reference): boolean {
  const sides = ({ from, columns, to, referenced }: Reference) => [
    JSON.stringify([from.oid, columns]),
    JSON.stringify([to.oid, referenced]),
  ]
  return sides(one).sort().join() === sides(other).sort().join()
}
